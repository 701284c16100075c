"""How far the elements of a tensor are apart: a histogram by decades of the relative difference."""

import math
from collections.abc import Iterator

from markupsafe import Markup

from verifier.explain.pictured import DECADES, TensorDifference
from verifier.report.html.plots import parts
from verifier.report.html.shown import number

WIDTH, HEIGHT = 400, 150
LEFT, TOP, RIGHT, BOTTOM = 50, 14, 10, 26
STEP = (WIDTH - LEFT - RIGHT) / DECADES
# One rounding of float32 is about 1e-7, the ninth decade.
ROUNDING, ROUNDING_WORDS = 9.08, "one rounding of float32"


def decade(index: int) -> str:
    """Returns what a decade holds, in words."""
    if index == 0:
        return "below 1e-15"
    if index == DECADES - 1:
        return "1 and more"
    return f"1e{index - 16} to 1e{index - 15}" if index < DECADES - 2 else "0.1 to 1"


def histogram(key: str, one: TensorDifference) -> Markup:
    """Returns the histogram; its vertical axis is logarithmic, so that one element among millions is seen."""
    counts = list(one.histogram)[:DECADES]
    height = max(1, math.ceil(math.log10(max([*counts, 1]) + 1)))
    title = f"{one.tensor}: elements by relative difference"
    return parts.drawing(key, title, _described(one, counts), (WIDTH, HEIGHT), _pieces(counts, height))


def _described(one: TensorDifference, counts: list[int]) -> str:
    full = [f"{count:,} {decade(index)}" for index, count in enumerate(counts) if count]
    return (
        f"{one.differing:,} of {one.elements:,} elements differ, at most by {number(one.largest)}. "
        f"By relative difference: {', '.join(full) or 'none'}."
    )


def _pieces(counts: list[int], height: int) -> Iterator[str]:
    base, room = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP
    for power in range(0, height + 1, max(1, math.ceil(height / 4))):
        y = base - room * (math.log10(10**power + 1) if power else math.log10(2)) / (height + 0.05)
        yield parts.line("grid", LEFT, y, WIDTH - RIGHT, y)
        yield parts.text("tick end", LEFT - 6, y + 3.5, _count(power))
    for index, count in enumerate(counts):
        if count:
            tall = room * math.log10(count + 1) / (height + 0.05)
            yield parts.rectangle("bar", LEFT + index * STEP + 1, base - tall, STEP - 2, tall)
    x = LEFT + ROUNDING * STEP
    yield parts.line("limit baseline", x, TOP - 2, x, base)
    yield parts.text("limit-label end", x - 4, TOP + 5, ROUNDING_WORDS)
    yield parts.line("axis", LEFT, base, WIDTH - RIGHT, base)
    for index, words in ((1, "1e-15"), (4, "1e-12"), (8, "1e-8"), (12, "1e-4"), (16, "1")):
        x = LEFT + index * STEP
        yield parts.line("axis", x, base, x, base + 3)
        yield parts.text("tick middle", x, base + 15, words)


def _count(power: int) -> str:
    return f"{10 ** (power % 3)}{('', 'k', 'M', 'G', 'T')[min(power // 3, 4)]}"
