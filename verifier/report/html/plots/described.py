"""A plot in words, for those who do not see it."""

from collections.abc import Iterator, Sequence

from verifier.report.html.plots.scale import finite
from verifier.report.html.plots.series import Series
from verifier.report.html.shown import number


def described(
    series: Sequence[Series],
    span: str,
    unit: str,
    allowed: str,
) -> str:
    """Returns from where to where each line goes, its extremes, its gaps, and what is allowed."""
    lines = [" ".join(_line(one, unit)) for one in series]
    said = [f"{span}.", *lines] if span else lines
    return " ".join([*said, f"Allowed: {allowed}."] if allowed else said)


def _line(one: Series, unit: str) -> Iterator[str]:
    values = finite(one.values)
    name = f"{one.name}: " if one.name else ""
    behind = f" {unit}" if unit else ""
    if not values:
        yield f"{name}no value."
        return
    if len(values) == 1:
        yield f"{name}{number(values[0])}{behind}."
    else:
        yield f"{name}{number(values[0])} to {number(values[-1])}{behind},"
        yield f"lowest {number(min(values))}, highest {number(max(values))}."
    gaps = len(one.values) - len(values)
    if gaps:
        yield f"{gaps} without a value."
