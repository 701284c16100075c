"""One way to lay out a table on a terminal."""

from collections.abc import Iterable, Sequence

from verifier.report.printable import printable


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns the rows under their head, each column as wide as its widest cell, two spaces between."""
    lines = [tuple(head), *(tuple(map(printable, row)) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
    return "\n".join(f"  {line}" for line in padded)
