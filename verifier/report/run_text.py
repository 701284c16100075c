"""A run as text: what it came to, a table of models and checks, then each model that wants a look."""

from verifier.report.headline import headline
from verifier.report.matrix import NONE, matrix
from verifier.report.printable import printable
from verifier.report.run import Run
from verifier.report.tables import table
from verifier.report.terminal import verdict_text, verified_line

OK = "ok"


def run_text(run: Run) -> str:
    """Returns the whole report of `verifier check`, without colour."""
    if len(run.verdicts) == 1 and not run.unaffected and not run.troubles:
        return verdict_text(run.verdicts[0])
    said = headline(run)
    brief = [verdict for verdict in run.verdicts if verdict.verified and not verdict.warned]
    whole = [verdict_text(verdict) for verdict in run.verdicts if verdict not in brief]
    tables = [matrix_text(run)] if len(run.verdicts) > 1 else []
    parts = [printable(f"{said.word}  {said.text}"), *tables, *whole]
    lines = [*map(verified_line, brief), *_chosen(run)]
    return "\n\n".join([*parts, *(["\n".join(lines)] if lines else [])])


def matrix_text(run: Run) -> str:
    """Returns a line for each model, with a column for each check that did not plainly pass in all of them."""
    found = matrix(run)
    columns = range(len(found.checks))
    odd = [n for n in columns if any(line.cells[n] not in (OK, NONE) for line in found.lines)]
    rows = [
        (
            line.model,
            line.result,
            *(line.cells[n] for n in odd),
            f"{sum(line.cells[n] == OK for n in columns if n not in odd)} {OK}",
        )
        for line in found.lines
    ]
    names = [found.checks[n] for n in odd]
    return table(("model", "verdict", *names, "other checks" if odd else "checks"), rows)


def _chosen(run: Run) -> list[str]:
    """Returns why models were checked, and why others were not."""
    checked = [f"affected      {model}: {why}" for model, why in run.why]
    return [
        *map(printable, checked),
        *(printable(f"not affected  {o.model}: {o.why}") for o in run.unaffected),
    ]
