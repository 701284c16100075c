"""What did not hold, one alert each: which artefact, step and test, whose it is, and what to type next."""

import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from verifier.report.explained import explanation_lines
from verifier.report.run import Run, Trouble
from verifier.verdict import (
    CHAIN,
    CLAIMED,
    ON,
    REBUILD,
    REBUILDER,
    TOGETHER,
    UNDER,
    VARIATION,
    Explained,
    Place,
    Row,
    Status,
    Verdict,
    step_of,
)

STEPS = ("prepare", "train", "evaluate", "package")
# Which step makes what a check judges, where the subject does not say.
MADE_BY = {
    "replay": "train",
    "serialisation": "train",
    "inference": "evaluate",
    "metric": "evaluate",
    "prediction": "evaluate",
    "data": "prepare",
}
MOST_LINES = 12
# Where more variations failed, the command names none: a stored verdict may have a hundred thousand.
MOST_VARIED = 40
ALL = "build"


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One alert on one model.

    `artefact` is the file concerned, such as `train/weights.safetensors`, or the bundle; `step` is the step that
    made it, empty where none did; `test` is check and subject, such as `rebuild train`. `status` is *failed*,
    *not checked*, or *passed* for a warning. `owner` and `escalation` are the contract's, empty where there is
    none; `rerun` is the command that shows it again. `place` is the line to look at; `lines` say more.
    """

    model: str
    version: str
    test: str
    check: str
    status: Status
    artefact: str
    step: str
    detail: str
    owner: str
    escalation: str
    rerun: str
    place: Place | None
    lines: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The alert in one line."""
        step = f"step {self.step}, " if self.step else ""
        title = f"{self.model} {self.version}: {self.artefact}" if self.version else self.model
        return f"{title}: {step}test {self.test}: {self.detail}"


def alerts_of(run: Run) -> tuple[Alert, ...]:
    """Returns an alert for each row that failed of itself, was not checked or warned, and for each trouble.

    What failed comes first, then what was not checked, then the warnings.
    """
    found = [*_troubles(run), *(alert for verdict in run.verdicts for alert in alerts_on(verdict))]
    order = (Status.FAILED, Status.NOT_CHECKED, Status.PASSED)
    return tuple(sorted(found, key=lambda alert: order.index(alert.status)))


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What is looked up for each alert on a verdict: which variations to try again, and what is explained."""

    varied: str
    explained: Mapping[str, Sequence[Explained]]


def alerts_on(verdict: Verdict) -> Iterator[Alert]:
    """Yields the alerts on one model, in the order of its rows; one for all that were alike not checked.

    A verdict without a row is one alert: it is no success, and no report may pass over it.
    """
    known = _known(verdict)
    nothing = Row(check=ALL, subject="", status=Status.NOT_CHECKED, detail="no check was made")
    below = verdict.first_failure is not None
    for row, count in _folded(verdict.rows or (nothing,)):
        if (row.status is Status.PASSED and not row.warned) or (row.inherited and below):
            continue
        yield _alert(verdict, row, count, known)


def alert_on(verdict: Verdict) -> Callable[[Row], Alert | None]:
    """Returns what gives the alert on a row by itself; None of one that a failure below explains."""
    known, below = _known(verdict), verdict.first_failure is not None
    return lambda row: None if row.inherited and below else _alert(verdict, row, 1, known)


def _known(verdict: Verdict) -> _Known:
    explained: dict[str, list[Explained]] = {}
    for one in verdict.explained:
        explained.setdefault(one.subject, []).append(one)
    return _Known(varied=_varied(verdict), explained=explained)


def _alert(verdict: Verdict, row: Row, count: int, known: _Known) -> Alert:
    """Returns the alert on a row, or on so many rows that say the same."""
    step, path = concerned(row) if count == 1 else ("", "")
    subject = row.subject if count == 1 else f"{count} of them"
    return Alert(
        model=verdict.model,
        version=verdict.version,
        test=f"{row.check} {subject}".strip(),
        check=row.check,
        status=row.status,
        artefact=path or verdict.bundle or verdict.path.rsplit("/", 1)[-1],
        step=step,
        detail=row.detail,
        owner=verdict.owner,
        escalation=verdict.escalation,
        rerun=_rerun(verdict, row, known.varied),
        place=row.place,
        lines=tuple(islice(_lines(row, known.explained), MOST_LINES)),
    )


def _folded(rows: Sequence[Row]) -> Iterator[tuple[Row, int]]:
    """Yields the rows, each for how many it stands: the first of a check's that were not made for one reason."""
    alike = Counter((row.check, row.detail) for row in rows if row.status is Status.NOT_CHECKED)
    seen = set()
    for row in rows:
        key = row.check, row.detail
        if row.status is not Status.NOT_CHECKED:
            yield row, 1
        elif key not in seen:
            seen.add(key)
            yield row, alike[key]


def concerned(row: Row) -> tuple[str, str]:
    """Returns the step that a row is about, and the first file that moved, below the step's name; or nothing."""
    first = row.differences[0] if row.differences and row.second != "failed" else ""
    path = first.partition(": ")[0] if ": " in first else ""
    if row.check in (REBUILD, REBUILDER, CHAIN):
        label = row.subject.partition(ON)[0]
        return label, f"{label}/{path}" if path else label
    if row.check == VARIATION:
        step = path.partition("/")[0]
        return (step, path) if step in STEPS else ("", "")
    step = row.subject.partition(", ")[0] if row.check == "resource" else MADE_BY.get(row.check, "")
    return step, ""


def rerun(verdict: Verdict, row: Row) -> str:
    """Returns the command that shows again what a row says."""
    return _rerun(verdict, row, _varied(verdict))


def _varied(verdict: Verdict) -> str:
    """Returns the variations that failed, or else those that were tried, as `--vary` takes them."""
    tried = [row for row in verdict.rows if row.check == VARIATION and row.subject != TOGETHER]
    failed = [row for row in tried if row.status is Status.FAILED] or tried
    return "all" if len(failed) > MOST_VARIED else ",".join(row.subject for row in failed)


def _rerun(verdict: Verdict, row: Row, varied: str) -> str:
    model = shlex.quote(verdict.model)
    if row.check == CHAIN or row.first == CLAIMED:
        sample = verdict.sample
        if sample is not None:
            return f"verifier check {model} --sample {len(sample.chunks)} --seed {shlex.quote(sample.nonce)}"
        return f"verifier check {model} --parallel"
    if row.check == VARIATION:
        return f"verifier check {model} --vary {shlex.quote(varied)}"
    if row.check == REBUILDER:
        host = shlex.quote(f"ssh-ng://{row.subject.partition(ON)[2]}")
        return f"verifier check {model} --rebuilder {host}"
    return f"verifier check {model}{' --again' if row.check in (REBUILD, 'replay') else ''}"


def _lines(row: Row, known: Mapping[str, Sequence[Explained]]) -> Iterator[str]:
    """Yields what is known beyond the row: what moved inside the files, else what the row lists."""
    if row.check in (REBUILD, VARIATION, REBUILDER):
        named = (row.subject, *(f"{step}{UNDER}{row.subject}" for step in STEPS))
        explained = [one for name in named for one in known.get(name, ())]
        for one in explained:
            yield from (*explanation_lines(one.explanation), *one.replayed)
        if explained:
            return
    yield from row.differences


def _troubles(run: Run) -> Iterator[Alert]:
    for one in run.troubles:
        yield Alert(
            model=one.model,
            version="",
            test=ALL,
            check=ALL,
            status=Status.FAILED if one.exit_code == 2 else Status.NOT_CHECKED,
            artefact=one.model,
            step=_step_of(one),
            detail=one.sentence,
            owner=one.owner,
            escalation=one.escalation,
            rerun=f"verifier check {' '.join(map(shlex.quote, one.model.split(', ')))}",
            place=one.place,
            lines=(one.advice,),
        )


def _step_of(trouble: Trouble) -> str:
    """Returns the step that failed, as the sentence of a build's failure names it."""
    before, _, after = trouble.sentence.partition(" ")
    step = after.partition(" ")[0]
    return step if before == "step" and step_of(step) in STEPS else ""
