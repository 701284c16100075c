"""Tolerances: the border lies where the decimals say, exact is equality, and wider never fails more."""

import math

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.contracts import declared, failure, judged
from verifier.contract.terms import Declared, Direction, Kind
from verifier.errors import BadInput
from verifier.verdict import Status

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def test_small_difference_is_shown_with_enough_digits() -> None:
    one = declared(kind=Kind.EXACT, amount=0)
    detail = failure(judged(math.nextafter(0.95, 0), 0.95, one))
    assert detail.startswith("0.9499999999999998 is 2e-16 below 0.95 of 1.2.0; no difference is tolerated")


def test_value_just_at_the_tolerance_passes() -> None:
    assert 0.96 - 0.95 > 0.01  # in binary, which is the trap
    assert judged(0.95, 0.96, declared(amount=0.01)).status is Status.PASSED
    assert judged(0.9499999, 0.96, declared(amount=0.01)).status is Status.FAILED


def test_relative_tolerance_of_zero_tolerates_nothing() -> None:
    one = declared(kind=Kind.RELATIVE, amount=0.5)
    assert judged(0.0, 0.0, one).status is Status.PASSED
    assert failure(judged(-1e-9, 0.0, one)).startswith(
        "-1e-09 is 1e-09 below 0 of 1.2.0; at most 0 is tolerated"
    )


def test_absolute_tolerance_of_a_value_of_zero_can_fail() -> None:
    assert judged(-1.0, 0.0, declared(amount=0.5)).status is Status.FAILED


def passes(now: float, then: float, one: Declared) -> bool:
    try:
        return judged(now, then, one).status is Status.PASSED
    except BadInput:  # a tolerance that cannot fail
        return True


@given(now=FINITE, then=FINITE)
def test_exact_is_equality(now: float, then: float) -> None:
    one = declared(kind=Kind.EXACT, amount=0, direction=None)
    assert passes(now, then, one) is (now == then)


@given(
    then=FINITE,
    values=st.tuples(FINITE, FINITE),
    kind=st.sampled_from([Kind.ABSOLUTE, Kind.RELATIVE]),
    amount=st.floats(0, 0.99),
    direction=st.sampled_from(Direction),
)
def test_what_is_better_passes_where_what_is_worse_does(
    then: float, values: tuple[float, float], kind: Kind, amount: float, direction: Direction
) -> None:
    one = declared(kind=kind, amount=amount, direction=direction)
    worse, better = sorted(values, reverse=direction is Direction.LOWER)
    assert passes(better, then, one) or not passes(worse, then, one)


@given(now=FINITE, then=FINITE, amounts=st.tuples(st.floats(0, 1e9), st.floats(0, 1e9)))
def test_a_wider_tolerance_passes_where_a_narrower_does(
    now: float, then: float, amounts: tuple[float, float]
) -> None:
    narrow, wide = (declared(amount=amount) for amount in sorted(amounts))
    assert passes(now, then, wide) or not passes(now, then, narrow)


@given(value=st.integers(2, 9_999), lost=st.integers(1, 9_999), places=st.integers(0, 6))
def test_border_is_where_the_decimals_say(value: int, lost: int, places: int) -> None:
    then, amount = float(f"{value}e-{places}"), float(f"{min(lost, value - 1)}e-{places}")
    now = float(f"{value - min(lost, value - 1)}e-{places}")
    assert judged(now, then, declared(amount=amount)).status is Status.PASSED
    assert judged(math.nextafter(now, -math.inf), then, declared(amount=amount)).status is Status.FAILED
