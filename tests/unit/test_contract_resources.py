"""What steps used: warned and failed beyond factors of the last release, as a machine's speed allows."""

import math

import pytest

from tests.unit.contracts import declared
from verifier.contract.calibration import calibration_seconds
from verifier.contract.resources import judge_declared, judge_resources, speed_of
from verifier.contract.terms import Contract, Limit
from verifier.errors import BadInput
from verifier.verdict import Row, Status

MEBIBYTE = 1 << 20
LIMIT = Limit(warn=1.5, fail=3)


def judged(quantity: str, now: object, then: object, speed: float = 1.0) -> Row:
    contract = Contract(metrics=(declared(),), resources={"train": {quantity: LIMIT}})
    (row,) = judge_resources(
        contract, {"train": {quantity: now}}, {"train": {quantity: then}}, speed, "1.2.0"
    )
    assert row.check == "resource"
    return row


def test_time_within_its_limits_passes() -> None:
    row = judged("wall_seconds", 15.0, 10.0)
    assert (row.subject, row.status, row.warned) == ("train, wall time", Status.PASSED, False)
    assert row.detail == "15.0 s; 10.0 s in 1.2.0"


def test_time_beyond_the_threshold_warns() -> None:
    row = judged("cpu_seconds", 30.0, 10.0)
    assert (row.status, row.warned) == (Status.PASSED, True)
    assert row.detail == "30.0 s; 10.0 s in 1.2.0 (3 times); more than 1.5 times warns"


def test_time_beyond_the_limit_fails() -> None:
    row = judged("wall_seconds", 31.0, 10.0)
    assert (row.status, row.warned) == (Status.FAILED, False)
    assert row.detail == "31.0 s; 10.0 s in 1.2.0 (3.1 times); at most 3 times is allowed"


def test_slower_machine_does_not_cry_wolf() -> None:
    row = judged("wall_seconds", 31.0, 10.0, speed=2.5)
    assert (row.status, row.warned) == (Status.PASSED, False)
    assert row.detail == "31.0 s, 12.4 s at the speed of 1.2.0's machine; 10.0 s in 1.2.0"


def test_faster_machine_hides_nothing() -> None:
    assert judged("wall_seconds", 16.0, 10.0, speed=0.5).status is Status.FAILED


@pytest.mark.parametrize("quantity", ["peak_memory_bytes", "threads"])
def test_memory_and_threads_do_not_depend_on_the_speed(quantity: str) -> None:
    assert judged(quantity, 4000 * MEBIBYTE, 1000 * MEBIBYTE, speed=4).status is Status.FAILED


def test_memory_beyond_the_limit_fails() -> None:
    row = judged("peak_memory_bytes", 4000 * MEBIBYTE, 1000 * MEBIBYTE)
    assert row.subject == "train, peak memory"
    assert row.detail == "4,000 MiB; 1,000 MiB in 1.2.0 (4 times); at most 3 times is allowed"


def test_one_thread_more_counts() -> None:
    row = judged("threads", 4, 1)
    assert (row.status, row.subject) == (Status.FAILED, "train, threads")
    assert row.detail == "4; 1 in 1.2.0 (4 times); at most 3 times is allowed"


@pytest.mark.parametrize(
    ("quantity", "now", "then"),
    [
        ("wall_seconds", 1.1, 0.1),
        ("data_loading_seconds", 1.0, 0.0),
        ("gpu_memory_bytes", 65 * MEBIBYTE, MEBIBYTE),
    ],
)
def test_difference_under_the_floor_never_counts(quantity: str, now: float, then: float) -> None:
    row = judged(quantity, now, then)
    assert (row.status, row.warned) == (Status.PASSED, False)


def test_difference_above_the_floor_counts_where_the_release_used_nothing() -> None:
    row = judged("data_loading_seconds", 2.0, 0.0)
    assert row.status is Status.FAILED
    assert row.detail == "2.0 s; 0.0 s in 1.2.0; at most 3 times is allowed"


@pytest.mark.parametrize("value", [None, "3", True, math.nan, math.inf, -1, 10**400])
def test_step_that_ran_without_a_measurement_is_not_checked(value: object) -> None:
    row = judged("gpu_memory_bytes", value, 1)
    assert (row.status, row.detail) == (Status.NOT_CHECKED, "the build log does not say how much was used")


def test_step_that_did_not_run_has_no_row() -> None:
    contract = Contract(metrics=(declared(),), resources={"train": {"wall_seconds": LIMIT}})
    assert judge_resources(contract, {"prepare": {"wall_seconds": 9}}, {}, 1.0, "1.2.0") == []


def test_first_release_has_nothing_to_compare_with() -> None:
    contract = Contract(metrics=(declared(),), resources={"train": {"wall_seconds": LIMIT}})
    (row,) = judge_resources(contract, {"train": {"wall_seconds": 9}}, None, 1.0, "")
    assert (row.status, row.detail) == (Status.PASSED, "9.0 s; no release to compare with")


def test_release_that_did_not_measure_it_is_named() -> None:
    row = judged("wall_seconds", 9, None)
    assert (row.status, row.detail) == (Status.PASSED, "9.0 s; 1.2.0 did not measure it")


def declared_rows(usage: dict[str, object], **params: object) -> dict[str, tuple[Status, str]]:
    rows = judge_declared(params, {"train": usage})
    assert {row.check for row in rows} <= {"resource"}
    return {row.subject: (row.status, row.detail) for row in rows}


def test_device_and_batch_size_as_declared_pass() -> None:
    usage = {"device": "cuda", "batch_rows": 32}
    assert declared_rows(usage, device="cuda", hyperparameters={"batch_size": 32}) == {
        "train, device": (Status.PASSED, "cuda, as declared"),
        "train, batch size": (Status.PASSED, "32, as declared"),
    }


def test_another_device_fails() -> None:
    detail = "it was computed on cpu, and params.yaml declares cuda"
    assert declared_rows({"device": "cpu"}, device="cuda") == {"train, device": (Status.FAILED, detail)}


def test_device_is_the_cpu_unless_declared() -> None:
    detail = "it was computed on cuda, and params.yaml declares cpu"
    assert declared_rows({"device": "cuda"}) == {"train, device": (Status.FAILED, detail)}


def test_unknown_device_is_not_checked() -> None:
    detail = "the build log does not say where it was computed"
    assert declared_rows({}) == {"train, device": (Status.NOT_CHECKED, detail)}


@pytest.mark.parametrize(("rows", "way"), [(64, "more"), (16, "fewer")])
def test_another_batch_size_fails(rows: int, way: str) -> None:
    found = declared_rows({"device": "cpu", "batch_rows": rows}, hyperparameters={"batch_size": 32})
    detail = f"the largest batch had {rows} rows, {way} than batch_size: 32 of params.yaml"
    assert found["train, batch size"] == (Status.FAILED, detail)


@pytest.mark.parametrize("hyperparameters", [None, {}, {"batch_size": "all"}])
def test_batch_size_that_is_no_declared_number_has_no_row(hyperparameters: object) -> None:
    usage = {"device": "cpu", "batch_rows": 32}
    assert declared_rows(usage, hyperparameters=hyperparameters).keys() == {"train, device"}


def test_unknown_number_of_rows_has_no_row() -> None:
    usage = {"device": "cpu", "batch_rows": None}
    assert declared_rows(usage, hyperparameters={"batch_size": 32}).keys() == {"train, device"}


def test_training_that_did_not_run_has_no_row() -> None:
    assert judge_declared({"device": "cuda"}, {"prepare": {"device": "cpu"}}) == []


def test_speed_is_the_quotient_of_two_calibrations() -> None:
    assert (speed_of(0.06, 0.03), speed_of(0.06, None)) == (2.0, 1.0)


@pytest.mark.parametrize("seconds", [0.0, -1.0, math.nan, math.inf])
def test_calibration_that_took_no_time_is_refused(seconds: float) -> None:
    with pytest.raises(BadInput, match="cannot be compared"):
        speed_of(0.05, seconds)


def test_calibration_takes_a_time_that_repeats() -> None:
    first, second = calibration_seconds(), calibration_seconds()
    assert 0.001 < first < 10
    assert 0.2 < first / second < 5
