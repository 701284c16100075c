"""Whether two values are within tolerance, by the numbers that people read, and those numbers in words.

A binary64 number stands here for the shortest decimal that gives it back: the one in metrics.json and in
contract.yaml. In binary 0.96 - 0.95 is greater than 0.01, and a model that lost just what may be lost would fail.
"""

import math
from fractions import Fraction

from verifier.contract.terms import Kind, Tolerance

FEWEST_DIGITS, MOST_DIGITS = 4, 17


def exactly(number: float) -> Fraction:
    """Returns a finite number as its shortest decimal."""
    return Fraction(repr(float(number)))


def tolerated(tolerance: Tolerance, reference: float) -> Fraction:
    """Returns by how much a value may differ from `reference`, never less than 0.

    A relative tolerance of a reference of 0 tolerates nothing.
    """
    if tolerance.kind is Kind.EXACT:
        return Fraction(0)
    amount = exactly(tolerance.amount)
    return amount * abs(exactly(reference)) if tolerance.kind is Kind.RELATIVE else amount


def is_too_wide(tolerance: Tolerance, reference: float) -> bool:
    """True where the tolerance is as large as the value itself, so that losing all of it would pass."""
    return bool(reference) and tolerated(tolerance, reference) >= abs(exactly(reference))


def told_apart(
    first: Fraction | float, second: Fraction | float, fewest: int = FEWEST_DIGITS
) -> tuple[str, str]:
    """Returns two numbers in words, with as many digits as show the difference, if there is one."""
    a, b = _float(first), _float(second)
    for digits in range(fewest, MOST_DIGITS):
        texts = shown(a, digits), shown(b, digits)
        if a == b or float(texts[0]) != float(texts[1]):
            return texts
    return repr(a), repr(b)


def shown(number: Fraction | float, digits: int = FEWEST_DIGITS) -> str:
    """Returns a number rounded to so many significant digits; zeros at the end show that it was rounded."""
    value = _float(number)
    short = f"{value:.{digits}g}"
    size = math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 0
    if "e" not in short and float(short) == value:
        return short
    if not -5 <= size < 15:
        return short
    return f"{value:.{max(0, digits - 1 - size)}f}"


def _float(number: Fraction | float) -> float:
    try:
        return float(number)
    except OverflowError:  # the difference of two enormous numbers of either sign
        return math.inf if number > 0 else -math.inf
