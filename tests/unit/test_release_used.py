"""What the steps used, against the release before: on a machine of another speed, and of an unknown one."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.released import altered, make_document, release
from tests.unit.test_release_judging import Json, expected, failure
from verifier.release.expected import Expected
from verifier.release.judging import Measured, judge
from verifier.verdict import Row, Status


@pytest.fixture
def built(tmp_path: Path) -> Json:
    """The document of a build of version 1.0.0, with the accuracy 0.5."""
    return make_document(tmp_path / "bundle")


def resources(built: Json, expected: Expected, wall_seconds: float, calibration_seconds: float | None) -> Row:
    used = {"train": {"wall_seconds": wall_seconds, "device": "cpu"}}
    measured = Measured(used=used, calibration_seconds=calibration_seconds)
    rows = [row for row in judge(expected, built, measured, "bitwise") if row.check == "resource"]
    assert [row.subject for row in rows][:1] == ["train, device"]
    return rows[-1]


def test_time_beyond_its_limit_fails_against_the_release_before(built: Json) -> None:
    """That release has 1.5 s and a calibration of 0.1 s."""
    row = resources(built, expected(built, 0.5, own=0.5), 6.0, 0.1)
    assert failure(row) == "6.0 s; 1.5 s in 0.9.0 (4 times); at most 3 times is allowed"


def test_release_of_its_own_cannot_excuse_what_is_used(built: Json) -> None:
    """Whoever adds it to a change could write there what the change uses."""
    own = release(altered(built, lambda d: d["resources"]["train"].update(wall_seconds=6.0)))
    before = expected(built, 0.5)
    row = resources(built, replace(before, releases=(*before.releases, own), own=own), 6.0, 0.1)
    assert failure(row) == "6.0 s; 1.5 s in 0.9.0 (4 times); at most 3 times is allowed"


def test_first_release_is_its_own_baseline(built: Json) -> None:
    first = replace(expected(built, 0.5, own=0.5), before=None)
    row = resources(built, first, 6.0, 0.1)
    assert failure(row) == "6.0 s; 1.5 s in 1.0.0 (4 times); at most 3 times is allowed"


def test_slower_machine_does_not_cry_wolf(built: Json) -> None:
    row = resources(built, expected(built, 0.5, own=0.5), 6.0, 0.4)
    assert (row.status, row.warned) == (Status.PASSED, False)
    assert row.detail == "6.0 s, 1.5 s at the speed of 0.9.0's machine; 1.5 s in 0.9.0"


def test_machine_of_unknown_speed_is_compared_as_it_is(built: Json) -> None:
    assert resources(built, expected(built, 0.5), 6.0, None).status is Status.FAILED


def test_device_is_judged_without_a_contract_too(built: Json) -> None:
    measured = Measured(used={"train": {"device": "cuda"}}, calibration_seconds=None)
    (row,) = judge(Expected(), built, measured, "bitwise")
    assert failure(row) == "it was computed on cuda, and params.yaml declares cpu"


def test_rows_come_in_the_order_of_the_proof(built: Json) -> None:
    measured = Measured(used={"train": {"wall_seconds": 1.5, "device": "cpu"}}, calibration_seconds=0.1)
    rows = judge(expected(built, 0.5, own=0.5), built, measured, "bitwise")
    assert [row.check for row in rows] == ["release", "metric", "resource", "resource"]
    assert all(row.status is Status.PASSED for row in rows)
