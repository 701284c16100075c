"""Some of the steps of a trace, as numbers that can be drawn: no more lines are read than there will be points."""

import math
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from verifier.explain.bisection import Steps

# Of the quantities of a step those that are numbers.
DRAWN = ("loss", "learning_rate", "gradient_norm")
Points: TypeAlias = tuple[tuple[int, float], ...]


def evenly(last: int, most: int) -> list[int]:
    """Returns at most `most` (2 or more) of the steps 1 to `last`, evenly, the first and the last among them."""
    if last <= most:
        return list(range(1, last + 1))
    return [1 + place * (last - 1) // (most - 1) for place in range(most)]


def points(steps: Steps, wanted: Iterable[int]) -> Mapping[str, Points]:
    """Returns what each drawn quantity is at the `wanted` steps; what is absent or not finite is left out.

    Raises:
        OtherKind: a line is damaged.
    """
    found: dict[str, list[tuple[int, float]]] = {quantity: [] for quantity in DRAWN}
    for step in wanted:
        if step > steps.count:
            continue
        fields = steps.line(step).fields
        for quantity in DRAWN:
            value = _number(fields[quantity])
            if value is not None:
                found[quantity].append((step, value))
    return {quantity: tuple(pairs) for quantity, pairs in found.items()}


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # an integer of many digits
        return None
    return number if math.isfinite(number) else None
