"""One run of `verifier check` as a single file: style and script are in it, and nothing is fetched."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from verifier.errors import BadInput
from verifier.report.alerts import Alert, alerts_of
from verifier.report.headline import headline
from verifier.report.html.failure import Failure, failure_of
from verifier.report.html.names import slug
from verifier.report.html.state import State, state_of_verdict
from verifier.report.html.templating import digest, render, script, style
from verifier.report.matrix import NONE, cell, matrix
from verifier.report.printable import counted
from verifier.report.run import Run
from verifier.report.terminal import MARKS
from verifier.verdict import Status, Verdict

MOST_FAILURES = 60
STARTS = {MARKS[Status.FAILED]: "bad", MARKS[Status.NOT_CHECKED]: "idle", "warning": "warn"}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """All rows of one check of a model, in a word."""

    look: str
    words: str


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
    checks = matrix(run).checks
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
        others=[one for one in alerts if one.status is not Status.FAILED],
        more=len(failed) - len(failures),
        headline=headline(run),
        summary=summary(run),
        style=Markup(style()),
        script=Markup(script()),
        style_digest=Markup(digest(style())),
        script_digest=Markup(digest(script())),
    )


def summary(run: Run) -> str:
    """Returns how many models came to what."""
    states = [state_of_verdict(verdict) for verdict in run.verdicts]
    parts = [f"{states.count(state)} {state}" for state in State if state in states]
    parts += [f"{len(run.troubles)} without a verdict"] if run.troubles else []
    parts += [f"{len(run.unaffected)} not affected"] if run.unaffected else []
    models = counted(len(run.verdicts) + len(run.troubles) + len(run.unaffected), "model")
    return f"{models}: {', '.join(parts)}" if parts else "No model was checked."


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
            cells=tuple(_cell(cell(verdict, check)) for check in checks),
        )
        for verdict in run.verdicts
    ]
    return sorted(found, key=lambda one: list(State).index(State(one.state)))


def _cell(words: str) -> Cell | None:
    """Returns a word of the matrix with how it looks."""
    look = next((look for start, look in STARTS.items() if words.startswith(start)), "good")
    return None if words == NONE else Cell(look=look, words=words)


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
