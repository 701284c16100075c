"""From values to places on an axis, and the round values that are written along it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeGuard

# Beyond it, sums and differences of doubles may overflow.
GREATEST = 1e300
MOST_TICKS = 20


@dataclass(frozen=True, kw_only=True)
class Scale:
    """An axis from `low` at `start` to `high` at `end`, in units of the drawing."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def at(self, value: float) -> float:
        """Returns where a value is drawn; what is outside is drawn at the rim."""
        value = min(max(value, self.low), self.high)
        low, high = self.low, self.high
        if self.logarithmic:
            value, low, high = math.log10(value), math.log10(low), math.log10(high)
        return self.start + (self.end - self.start) * ((value - low) / (high - low))

    def along(self, values: Iterable[float | None]) -> list[float | None]:
        """Returns where values are drawn; None of what is not there, or cannot be drawn."""
        if self.logarithmic:
            return [self.at(value) if drawable(value) else None for value in values]
        low, high, start = self.low, self.high, self.start
        factor = (self.end - start) / (high - low)
        return [
            start + factor * ((low if value < low else high if value > high else value) - low)
            if drawable(value)
            else None
            for value in values
        ]

    def ticks(self, wanted: int = 4) -> list[float]:
        """Returns round values on the axis, about as many as are wanted."""
        if self.logarithmic:
            return self._decades(wanted)
        step = _round_step((self.high - self.low) / (wanted + 1))
        first = math.ceil(self.low / step - 1e-9)
        last = min(math.floor(self.high / step + 1e-9), first + MOST_TICKS)
        return [index * step for index in range(first, last + 1)]

    def _decades(self, wanted: int) -> list[float]:
        low, high = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        if high - low < 1:  # within a decade or so a linear axis's round values do as well
            plain = Scale(low=self.low, high=self.high, start=0, end=1).ticks(wanted)
            return [tick for tick in plain if tick > 0]
        every = max(1, math.ceil((high - low) / wanted))
        return [10.0**power for power in range(low, high + 1, every)]


def drawable(value: float | None) -> TypeGuard[float]:
    """Returns whether a value is there and finite, and so is what is computed of it."""
    return value is not None and -GREATEST < value < GREATEST


def finite(values: Iterable[float | None]) -> list[float]:
    """Returns the values that can be drawn."""
    return [value for value in values if drawable(value)]


def spanning(values: Sequence[float], start: float, end: float, *, logarithmic: bool = False) -> Scale:
    """Returns an axis that has room for all values, and a little more; a lone value is in its middle."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if logarithmic and low > 0:
        room = (high / low) ** 0.06 if high > low else 1.5
        return Scale(low=low / room, high=high * room, start=start, end=end, logarithmic=True)
    room = (high - low) * 0.08 or abs(high) * 0.05 or 1.0
    return Scale(low=low - room, high=high + room, start=start, end=end)


def tick_labels(ticks: Sequence[float]) -> list[str]:
    """Returns the values as short as tells them apart."""
    if not ticks:
        return []
    greatest = max(map(abs, ticks))
    smallest = min((abs(tick) for tick in ticks if tick), default=1.0)
    if greatest >= 1e6 or smallest < 1e-4:
        return [_short(tick) for tick in ticks]
    steps = [b - a for a, b in pairwise(ticks)]
    step = min(steps, default=smallest)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    return [f"{tick:,.{min(decimals, 8)}f}" for tick in ticks]


def _short(value: float) -> str:
    mantissa, _, exponent = f"{value:.3g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def _round_step(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * 0.999)
