"""Models by checks: how each check of each model went, in a word, worst models first."""

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.report.run import Run
from verifier.report.terminal import MARKS
from verifier.verdict import BITWISE, Row, Status, Verdict

NONE, NO_VERDICT = "-", "no verdict"
GRAVEST = (Status.FAILED, Status.NOT_CHECKED, Status.PASSED)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A model: what it came to, and a word for each check of the matrix."""

    model: str
    result: str
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """All models of a run by all checks that any of them has."""

    checks: tuple[str, ...]
    lines: tuple[Line, ...]


def matrix(run: Run) -> Matrix:
    """Returns the matrix of a run: troubles, models that are not verified, and the others."""
    checks = tuple(dict.fromkeys(row.check for verdict in run.verdicts for row in verdict.rows))
    nothing = (NONE,) * len(checks)
    lines = [Line(model=one.model, result=NO_VERDICT, cells=nothing) for one in run.troubles]
    lines += [_line(one, checks) for one in sorted(run.verdicts, key=lambda one: (one.passed, one.verified))]
    return Matrix(checks=checks, lines=tuple(lines))


def _line(verdict: Verdict, checks: Sequence[str]) -> Line:
    cells = tuple(cell(verdict, check) for check in checks)
    return Line(model=f"{verdict.model} {verdict.version}", result=_result(verdict), cells=cells)


def cell(verdict: Verdict, check: str) -> str:
    """Returns the gravest of what the rows of one check came to, and how many of them did."""
    rows = [row for row in verdict.rows if row.check == check]
    if not rows:
        return NONE
    worst = min(rows, key=_rank)
    count = sum(_rank(row) == _rank(worst) for row in rows)
    mark = "warning" if worst.warned and worst.status is Status.PASSED else MARKS[worst.status]
    return mark if mark == "ok" or count == len(rows) == 1 else f"{mark} {count} of {len(rows)}"


def _rank(row: Row) -> tuple[int, bool]:
    return GRAVEST.index(row.status), not row.warned


def _result(verdict: Verdict) -> str:
    if not verdict.passed:
        return "NOT VERIFIED"
    if verdict.level != BITWISE:
        return f"verified {verdict.level}"
    return "verified, unchanged" if verdict.unchanged else "verified"
