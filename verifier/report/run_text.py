"""A run as text: what it came to, a table of models and checks, then each model that wants a look."""

from collections.abc import Sequence

from verifier.report.printable import counted, printable
from verifier.report.run import Run
from verifier.report.tables import table
from verifier.report.terminal import MARKS, verdict_line, verdict_text, verified_line
from verifier.verdict import Row, Status, Verdict

GRAVEST = (Status.FAILED, Status.NOT_CHECKED, Status.PASSED)


def run_text(run: Run) -> str:
    """Returns the whole report of `verifier check`, without colour."""
    if len(run.verdicts) == 1 and not run.unaffected and not run.troubles:
        return verdict_text(run.verdicts[0])
    brief = [verdict for verdict in run.verdicts if verdict.verified and not verdict.warned]
    whole = [verdict_text(verdict) for verdict in run.verdicts if verdict not in brief]
    parts = [headline(run), *([matrix(run.verdicts)] if len(run.verdicts) > 1 else []), *whole]
    lines = [*map(verified_line, brief), *_chosen(run)]
    return "\n\n".join([*parts, *(["\n".join(lines)] if lines else [])])


def headline(run: Run) -> str:
    """Returns the one line on what a run came to."""
    if len(run.verdicts) == 1 and not run.unaffected and not run.troubles:
        return verdict_line(run.verdicts[0])
    bad = [v.model for v in run.verdicts if not v.verified] + [one.model for one in run.troubles]
    count = len(run.verdicts) + len(run.troubles)
    left = f"; {counted(len(run.unaffected), 'model')} not affected by the change" if run.unaffected else ""
    if bad:
        named = ", ".join(map(printable, bad[:10])) + (f" and {len(bad) - 10} more" if len(bad) > 10 else "")
        return f"NOT VERIFIED  {len(bad)} of {counted(count, 'model')}: {named}{left}"
    if not run.verdicts:
        return f"nothing to check: the change reaches none of {counted(len(run.unaffected), 'model')}"
    return f"verified  {counted(count, 'model')}{left}"


def matrix(verdicts: Sequence[Verdict]) -> str:
    """Returns a line for each model, with a column for each check that did not plainly pass in all of them."""
    names = list(dict.fromkeys(row.check for verdict in verdicts for row in verdict.rows))
    cells = {name: [cell(verdict, name) for verdict in verdicts] for name in names}
    odd = [name for name in names if any(one not in ("ok", "-") for one in cells[name])]
    rows = []
    for number, verdict in enumerate(verdicts):
        others = sum(cells[name][number] == "ok" for name in names if name not in odd)
        title = f"{verdict.model} {verdict.version}"
        rows.append((title, *(cells[name][number] for name in odd), f"{others} ok"))
    return table(("model", *odd, "other checks" if odd else "checks"), rows)


def cell(verdict: Verdict, check: str) -> str:
    """Returns the gravest of what the rows of one check came to, and how many of them did."""
    rows = [row for row in verdict.rows if row.check == check]
    if not rows:
        return "-"
    worst = min(rows, key=_rank)
    count = sum(_rank(row) == _rank(worst) for row in rows)
    mark = "warning" if worst.warned and worst.status is Status.PASSED else MARKS[worst.status]
    return mark if mark == "ok" or count == len(rows) == 1 else f"{mark} {count} of {len(rows)}"


def _rank(row: Row) -> tuple[int, bool]:
    return GRAVEST.index(row.status), not row.warned


def _chosen(run: Run) -> list[str]:
    """Returns why models were checked, and why others were not."""
    checked = [f"affected      {model}: {why}" for model, why in run.why]
    return [
        *map(printable, checked),
        *(printable(f"not affected  {o.model}: {o.why}") for o in run.unaffected),
    ]
