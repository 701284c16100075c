"""One run of `verifier check` as a single file: style and script are in it, and nothing is fetched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from verifier.errors import BadInput
from verifier.report.alerts import Alert, alerts_of
from verifier.report.html.failure import Failure, failure_of
from verifier.report.html.names import slug
from verifier.report.html.state import State, state_of_verdict
from verifier.report.html.templating import digest, render, script, style
from verifier.report.printable import counted
from verifier.report.run import Run
from verifier.verdict import Row, Status, Verdict

MOST_FAILURES = 60


@dataclass(frozen=True, kw_only=True)
class Cell:
    """All rows of one check of a model, in a word."""

    look: str
    words: str
    said: str


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A model in the table and below it; a model without a verdict has a `sentence` and no rows."""

    key: str
    model: str
    version: str
    state: State | str
    look: str
    sentence: str
    advice: str = ""
    why: str = ""
    verdict: Verdict | None = None
    cells: tuple[Cell | None, ...] = ()


def run_page(run: Run) -> str:
    """Returns the page."""
    checks = list(dict.fromkeys(row.check for verdict in run.verdicts for row in verdict.rows))
    alerts = alerts_of(run)
    failed = [one for one in alerts if one.status is Status.FAILED]
    failures = [_failure(index, alert, run) for index, alert in enumerate(failed[:MOST_FAILURES])]
    return render(
        "run.html",
        root="",
        run=run,
        time=run.time,
        checks=checks,
        models=[*_verdicts(run, checks), *_troubles(run), *_unaffected(run)],
        failures=failures,
        others=groups([one for one in alerts if one.status is not Status.FAILED]),
        more=len(failed) - len(failures),
        summary=summary(run),
        style=Markup(style()),
        script=Markup(script()),
        style_digest=Markup(digest(style())),
        script_digest=Markup(digest(script())),
    )


def summary(run: Run) -> str:
    """Returns the run in one line."""
    states = [state_of_verdict(verdict) for verdict in run.verdicts]
    parts = [f"{states.count(state)} {state}" for state in State if state in states]
    parts += [f"{len(run.troubles)} without a verdict"] if run.troubles else []
    parts += [f"{len(run.unaffected)} not affected"] if run.unaffected else []
    models = counted(len(run.verdicts) + len(run.troubles) + len(run.unaffected), "model")
    return f"{models}: {', '.join(parts)}" if parts else "No model was checked."


@dataclass(frozen=True, kw_only=True)
class Group:
    """Alerts that say the same of several tests of a model; `alert` has what they share."""

    alert: Alert
    tests: tuple[str, ...]


def groups(alerts: Sequence[Alert]) -> list[Group]:
    """Returns alerts, with one for all that differ in their test only."""
    alike: dict[Alert, list[str]] = {}
    for alert in alerts:
        alike.setdefault(replace(alert, test="", artefact="", lines=()), []).append(alert.test)
    return [Group(alert=alert, tests=tuple(tests)) for alert, tests in alike.items()]


def _failure(index: int, alert: Alert, run: Run) -> Failure:
    verdict = next((v for v in run.verdicts if (v.model, v.version) == (alert.model, alert.version)), None)
    return failure_of(f"a{index}", alert, verdict)


def _verdicts(run: Run, checks: Sequence[str]) -> list[Checked]:
    why = dict(run.why)
    found = [
        Checked(
            key=slug(verdict.model),
            model=verdict.model,
            version=verdict.version,
            state=state_of_verdict(verdict),
            look=state_of_verdict(verdict).look,
            sentence="",
            why=why.get(verdict.model, ""),
            verdict=verdict,
            cells=tuple(
                _cell(check, [row for row in verdict.rows if row.check == check]) for check in checks
            ),
        )
        for verdict in run.verdicts
    ]
    return sorted(found, key=lambda one: list(State).index(State(one.state)))


def _cell(check: str, rows: Sequence[Row]) -> Cell | None:
    if not rows:
        return None
    total = len(rows)
    failed, idle = (
        sum(row.status is status for row in rows) for status in (Status.FAILED, Status.NOT_CHECKED)
    )
    warned = sum(row.warned and row.status is Status.PASSED for row in rows)
    if failed:
        return Cell(look="bad", words=f"{failed} of {total}", said=f"{check}: {failed} of {total} failed")
    if idle:
        return Cell(look="idle", words=f"{idle} of {total}", said=f"{check}: {idle} of {total} not checked")
    if warned:
        return Cell(look="warn", words=f"{warned} of {total}", said=f"{check}: {warned} of {total} warn")
    return Cell(look="good", words=str(total), said=f"{check}: {total} passed")


def _troubles(run: Run) -> list[Checked]:
    return [
        Checked(
            key=slug(one.model, "trouble"),
            model=one.model,
            version="",
            state=State.FAILED if one.exit_code == BadInput.exit_code else State.NOT_CHECKED,
            look="bad" if one.exit_code == BadInput.exit_code else "idle",
            sentence=one.sentence,
            advice=one.advice,
        )
        for one in run.troubles
    ]


def _unaffected(run: Run) -> list[Checked]:
    return [
        Checked(
            key=slug(one.model, "unaffected"),
            model=one.model,
            version="",
            state="not affected",
            look="none",
            sentence=one.why,
        )
        for one in run.unaffected
    ]
