"""Metrics against contract and last release: each rule in a case in which it fails, with its sentence."""

import math
import time

import pytest

from tests.unit.contracts import ACCURACY, declared, failure, judged, rows
from verifier.contract.judging import judge_metrics
from verifier.contract.terms import Contract, Direction, Kind, Retired
from verifier.contract.values import Metric
from verifier.errors import BadInput
from verifier.verdict import Status


def test_regression_beyond_the_tolerance_fails() -> None:
    assert failure(judged(0.9411, 0.9677)) == (
        "0.9411 is 0.0266 below 0.9677 of 1.2.0; at most 0.0045 is tolerated (two of 449 held-out images)"
    )


def test_regression_of_what_should_be_low_fails() -> None:
    one = declared(direction=Direction.LOWER, kind=Kind.RELATIVE, amount=0.01)
    assert failure(judged(2.1, 2.0, one)).startswith("2.1 is 0.1 above 2 of 1.2.0; at most 0.02 is tolerated")


def test_regression_of_a_value_below_zero_fails() -> None:
    one = declared(kind=Kind.RELATIVE, amount=0.1)
    assert failure(judged(-12.0, -10.0, one)).startswith(
        "-12 is 2 below -10 of 1.2.0; at most 1 is tolerated"
    )


def test_improvement_beyond_the_tolerance_asks_for_a_release() -> None:
    row = judged(0.98, 0.9677)
    assert (row.status, row.warned) == (Status.PASSED, True)
    assert row.detail == (
        "0.98, better than 1.2.0 by 0.0123, beyond the tolerance: release it with `verifier release`"
    )


def test_exact_metric_with_a_direction_may_improve() -> None:
    row = judged(0.98, 0.9677, declared(kind=Kind.EXACT, amount=0))
    assert (row.status, row.warned) == (Status.PASSED, True)


def test_exact_metric_without_a_direction_may_not_move() -> None:
    one = declared(kind=Kind.EXACT, amount=0, direction=None)
    assert failure(judged(450, 449, one)).startswith(
        "450 is 1 above 449 of 1.2.0; no difference is tolerated"
    )


def test_equal_value_passes() -> None:
    row = judged(0.9677, 0.9677)
    assert (row.status, row.warned, row.detail) == (Status.PASSED, False, "0.9677 as in 1.2.0")


def test_value_within_the_tolerance_passes_either_way() -> None:
    worse, better = judged(0.966, 0.9677), judged(0.969, 0.9677)
    assert (worse.detail, better.detail) == (
        "0.966, 0.0017 below 1.2.0, tolerated",
        "0.969, 0.0013 above 1.2.0, tolerated",
    )
    assert not worse.warned and not better.warned


def test_value_below_the_minimum_fails() -> None:
    assert failure(judged(0.9, 0.9, declared(minimum=0.95))) == "0.9 is below the minimum of 0.95"


def test_value_above_the_maximum_fails_in_a_first_release_too() -> None:
    assert failure(judged(0.9, None, declared(maximum=0.5))) == "0.9 is above the maximum of 0.5"


def test_all_that_is_wrong_is_said() -> None:
    detail = failure(judged(0.9411, 0.9677, declared(minimum=0.95)))
    assert detail.endswith("held-out images); 0.9411 is below the minimum of 0.95")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_value_that_is_not_finite_fails(value: float) -> None:
    assert failure(judged(value, 0.9)) == f"{value} is not finite"


def test_first_release_has_nothing_to_compare_with() -> None:
    row = judged(0.9677, None)
    assert (row.status, row.detail) == (Status.PASSED, "0.9677; no release to compare with")


def test_metric_that_disappeared_fails() -> None:
    both = [declared(), declared("f1")]
    gone = rows(both, {ACCURACY: 0.9}, {ACCURACY: 0.9, Metric("f1", ""): 0.8})[1]
    assert (gone.subject, failure(gone)) == ("f1", "disappeared: 1.2.0 has it, at 0.8")


def test_class_that_disappeared_fails() -> None:
    one = declared("recall", "classes/*")
    zero, eight = Metric("recall", "classes/0"), Metric("recall", "classes/8")
    found = rows(one, {zero: 0.9}, {zero: 0.9, eight: 0.8})
    assert [(row.subject, row.status) for row in found] == [
        ("recall of classes/0", Status.PASSED),
        ("recall of classes/8", Status.FAILED),
    ]


def test_metric_that_appeared_undeclared_fails() -> None:
    row = rows(declared(), {ACCURACY: 0.9, Metric("f1", ""): 0.8}, {ACCURACY: 0.9})[1]
    assert (row.subject, failure(row)) == ("f1", "appeared, and contract.yaml does not declare it: 0.8")


GONE = "disappeared: 1.2.0 has it, at 0.8; "


def test_metric_that_contract_and_metrics_no_longer_have_fails() -> None:
    row = rows(declared(), {ACCURACY: 0.9}, {ACCURACY: 0.9, Metric("f1", ""): 0.8})[1]
    assert failure(row) == f"{GONE}where that is meant, `retired` in contract.yaml says so"


@pytest.mark.parametrize(
    ("part", "pattern"), [("", ""), ("classes/8", "classes/8"), ("classes/8", "classes/*")]
)
def test_metric_that_is_retired_may_be_gone_and_warns(part: str, pattern: str) -> None:
    contract = Contract(metrics=(declared(),), retired=(Retired(name="f1", slice=pattern, reason="dull"),))
    before = {ACCURACY: 0.9, Metric("f1", part): 0.8}
    row = judge_metrics(contract, {ACCURACY: 0.9}, before, "1.2.0", equal_bits=False)[1]
    assert (row.status, row.warned) == (Status.PASSED, True)
    assert row.detail == f"{GONE}retired (dull)"


def test_another_slice_is_not_retired_with_one() -> None:
    contract = Contract(
        metrics=(declared(),), retired=(Retired(name="f1", slice="classes/1", reason="dull"),)
    )
    before = {ACCURACY: 0.9, Metric("f1", "classes/8"): 0.8}
    row = judge_metrics(contract, {ACCURACY: 0.9}, before, "1.2.0", equal_bits=False)[1]
    assert failure(row).startswith("disappeared")


def test_retired_metric_that_is_still_there_fails() -> None:
    contract = Contract(metrics=(declared(),), retired=(Retired(name="f1", slice="", reason="dull"),))
    row = judge_metrics(contract, {ACCURACY: 0.9, Metric("f1", ""): 0.8}, None, "", equal_bits=False)[1]
    assert failure(row).startswith("appeared")


def test_new_metric_that_is_declared_passes() -> None:
    row = rows([declared(), declared("f1")], {ACCURACY: 0.9, Metric("f1", ""): 0.8}, {ACCURACY: 0.9})[1]
    assert (row.status, row.detail) == (Status.PASSED, "0.8; 1.2.0 does not have it")


def test_unknown_metric_is_refused_with_the_nearest() -> None:
    with pytest.raises(BadInput) as caught:
        rows(declared("acuracy"), {ACCURACY: 0.9}, None)
    assert caught.value.sentence == (
        "contract.yaml declares acuracy, which is in no metrics.json; did you mean 'accuracy'?"
    )


def test_pattern_that_matches_nothing_is_refused() -> None:
    with pytest.raises(BadInput, match=r"declares accuracy of slices/\*, which is in no metrics\.json"):
        rows([declared(), declared(slice="slices/*")], {ACCURACY: 0.9}, None)


def test_slice_of_its_own_wins_over_a_pattern_wherever_it_stands() -> None:
    metrics = {Metric("recall", f"classes/{label}"): 0.5 for label in "08"}
    pattern, own = declared("recall", "classes/*"), declared("recall", "classes/8", minimum=0.9)
    for order in ([pattern, own], [own, pattern]):
        found = {row.subject: row.status for row in rows(order, metrics, None)}
        assert found == {"recall of classes/0": Status.PASSED, "recall of classes/8": Status.FAILED}


def test_pattern_of_classes_leaves_slices_alone() -> None:
    metrics = {Metric("recall", "classes/0"): 0.5, Metric("recall", "slices/0"): 0.5}
    found = rows(declared("recall", "classes/*"), metrics, None)
    assert failure(found[1]).startswith("appeared, and contract.yaml does not declare it")


def test_rows_come_in_the_order_of_the_contract() -> None:
    names = ["b", "a", "c"]
    found = {Metric(name, ""): 0.5 for name in sorted(names)}
    assert [row.subject for row in rows([declared(name) for name in names], found, None)] == names


@pytest.mark.parametrize("then", [0.9, None])
def test_tolerance_that_cannot_fail_is_refused(then: float | None) -> None:
    with pytest.raises(BadInput) as caught:
        judged(0.9, then, declared(amount=0.9))
    assert caught.value.sentence == (
        "contract.yaml: the tolerance of accuracy (absolute 0.9) cannot fail: its value is 0.9"
    )


def test_equal_bits_with_another_value_fail_within_the_tolerance_too() -> None:
    assert failure(judged(0.966, 0.9677, equal_bits=True)) == (
        "the bits are those of 1.2.0, but its release says 0.9677, and metrics.json 0.966"
    )


def test_equal_bits_with_a_better_value_fail() -> None:
    assert judged(0.99, 0.9677, equal_bits=True).status is Status.FAILED


def test_equal_bits_with_a_metric_that_the_release_lacks_fail() -> None:
    both = {ACCURACY: 0.9, Metric("f1", ""): 0.8}
    row = rows([declared(), declared("f1")], both, {ACCURACY: 0.9}, True)[1]
    assert failure(row).startswith("the bits are those of 1.2.0, but its release says nothing of it")


def test_equal_bits_without_a_metric_of_the_release_fail() -> None:
    row = rows(declared(), {ACCURACY: 0.9}, {ACCURACY: 0.9, Metric("f1", ""): 0.8}, True)[1]
    assert failure(row).startswith("disappeared: 1.2.0 has it")


def test_equal_bits_with_equal_values_pass() -> None:
    assert judged(0.9677, 0.9677, equal_bits=True).status is Status.PASSED


def test_thousands_of_classes_declared_one_by_one_take_no_hours() -> None:
    """Looking through all of them for each took 20 s, and of the largest files half an hour."""
    found = {Metric("recall", f"classes/{number}"): 1.0 for number in range(20_000)}
    each = tuple(declared(name="recall", slice=f"classes/{number}") for number in range(5_000))
    began = time.monotonic()
    judge_metrics(Contract(metrics=each), found, None, "", equal_bits=False)
    assert time.monotonic() - began < 6
