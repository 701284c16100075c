"""What did not hold, one alert each: which artefact, step and test, whose it is, and what to type next."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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


def alerts_on(verdict: Verdict) -> Iterator[Alert]:
    """Yields the alerts on one model, in the order of its rows; one for all that were alike not checked."""
    for row in _folded(verdict.rows):
        if (row.status is Status.PASSED and not row.warned) or row.inherited:
            continue
        step, path = concerned(row)
        yield Alert(
            model=verdict.model,
            version=verdict.version,
            test=f"{row.check} {row.subject}",
            check=row.check,
            status=row.status,
            artefact=path or verdict.bundle or verdict.path.rsplit("/", 1)[-1],
            step=step,
            detail=row.detail,
            owner=verdict.owner,
            escalation=verdict.escalation,
            rerun=rerun(verdict, row),
            place=row.place,
            lines=tuple(_lines(verdict, row))[:MOST_LINES],
        )


def _folded(rows: Sequence[Row]) -> Iterator[Row]:
    """Yields the rows, with one for all of a check that were not made for the same reason."""
    alike = Counter((row.check, row.detail) for row in rows if row.status is Status.NOT_CHECKED)
    seen = set()
    for row in rows:
        key = row.check, row.detail
        if row.status is not Status.NOT_CHECKED or alike[key] == 1:
            yield row
        elif key not in seen:
            seen.add(key)
            yield replace(row, subject=f"{alike[key]} of them")


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
    model = shlex.quote(verdict.model)
    if row.check == CHAIN or row.first == CLAIMED:
        sample = verdict.sample
        if sample is not None:
            return f"verifier check {model} --sample {len(sample.chunks)} --seed {shlex.quote(sample.nonce)}"
        return f"verifier check {model} --parallel"
    if row.check == VARIATION:
        tried = [r for r in verdict.rows if r.check == VARIATION and r.subject != TOGETHER]
        failed = [r for r in tried if r.status is Status.FAILED] or tried
        names = shlex.quote(",".join(r.subject for r in failed))
        return f"verifier check {model} --vary {names}"
    if row.check == REBUILDER:
        host = shlex.quote(f"ssh-ng://{row.subject.partition(ON)[2]}")
        return f"verifier check {model} --rebuilder {host}"
    return f"verifier check {model}{' --again' if row.check in (REBUILD, 'replay') else ''}"


def _lines(verdict: Verdict, row: Row) -> Iterator[str]:
    """Yields what is known beyond the row: what moved inside the files, else what the row lists."""
    if row.check in (REBUILD, VARIATION, REBUILDER):
        named = {row.subject, *(f"{step}{UNDER}{row.subject}" for step in STEPS)}
        explained = [one for one in verdict.explained if one.subject in named]
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
