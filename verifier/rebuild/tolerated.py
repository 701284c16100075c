"""Two builds that differ where a contract allows it: golden outputs and metrics decide, and the verdict says so.

1. Only the training and what follows from it may differ; data and toolchain may not.
2. The golden outputs must be as close as the contract says.
3. The second build's metrics must be within the tolerances that hold against a release.
"""

from dataclasses import replace
from pathlib import Path

from verifier.bundle import DOCUMENTS, GOLDEN
from verifier.contract.judging import judge_metrics
from verifier.contract.predictions import PREDICTION, judge_predictions
from verifier.contract.terms import Closeness, Contract
from verifier.contract.values import flatten, read_metrics
from verifier.rebuild.rows import ALTERED
from verifier.rebuild.two_builds import Second
from verifier.verdict import BITWISE, WITHIN_TOLERANCE, Row, Status, step_of

MAY_DIFFER = ("train", "evaluate", "package")


def tolerate(second: Second, contract: Contract | None) -> tuple[Second, str]:
    """Returns what the second build showed as the contract has it judged, and the level to which both agree.

    Raises:
        BadInput: the contract cannot be held against these metrics.
    """
    failed = [row for row in second.rows if row.status is Status.FAILED]
    closeness = contract.closeness if contract else None
    if contract is None or closeness is None or not failed or not all(_may_differ(row) for row in failed):
        return second, BITWISE
    close = _close(second, contract, closeness)
    if any(row.status is not Status.PASSED for row in close):
        return replace(second, rows=(*second.rows, *close)), BITWISE
    rows = [_allowed(row) if row in failed else row for row in second.rows]
    return replace(second, rows=(*rows, *close)), WITHIN_TOLERANCE


def _may_differ(row: Row) -> bool:
    return step_of(row.subject) in MAY_DIFFER and not row.detail.startswith(ALTERED)


def _allowed(row: Row) -> Row:
    return replace(
        row, status=Status.PASSED, warned=True, detail=f"{row.detail}: the contract allows it", differences=()
    )


def _close(second: Second, contract: Contract, closeness: Closeness) -> list[Row]:
    if second.answers is None:
        return [_without_answers(second)]
    first, other = second.answers
    if not (first / GOLDEN).is_file() or not (other / GOLDEN).is_file():
        why = f"evaluate writes no {GOLDEN}, so nothing shows how close the two are"
        return [_row("golden outputs", Status.NOT_CHECKED, why)]
    return [judge_predictions(closeness, first / GOLDEN, other / GOLDEN), _metrics(contract, first, other)]


def _without_answers(second: Second) -> Row:
    """Returns the row where no outputs of `evaluate` were kept: they are equal, or the disk had no room."""
    evaluated = next((row for row in second.rows if row.subject == "evaluate"), None)
    # A second build that failed has one row, which has no hashes and is called as the model.
    if evaluated and evaluated.first_sha256 and evaluated.first_sha256 == evaluated.second_sha256:
        detail = "golden outputs and metrics are equal to the last bit"
        return _row("golden outputs", Status.PASSED, detail)
    why = "both outputs of evaluate are not here, so nothing shows how close the two are"
    return _row("golden outputs", Status.NOT_CHECKED, why)


def _metrics(contract: Contract, first: Path, second: Path) -> Row:
    a, b = (flatten(read_metrics(folder / DOCUMENTS["metrics"])) for folder in (first, second))
    rows = judge_metrics(contract, b, a, "the first build", equal_bits=False)
    wrong = [f"{row.subject}: {row.detail}" for row in rows if row.status is not Status.PASSED]
    detail = wrong[0] if wrong else f"{len(rows)} within what is tolerated of the first's"
    status = Status.FAILED if wrong else Status.PASSED
    return _row("metrics of the second build", status, detail, tuple(wrong))


def _row(subject: str, status: Status, detail: str, differences: tuple[str, ...] = ()) -> Row:
    return Row(check=PREDICTION, subject=subject, status=status, detail=detail, differences=differences)
