"""A release of the same bits cannot say otherwise what follows from them, its digest computed anew or not."""

from collections.abc import Callable

import pytest

from tests.unit.released import OTHER, altered, make_document, release, store_path
from verifier.release.expected import Expected
from verifier.release.judging import release_rows
from verifier.verdict import Row, Status

Json = dict  # type: ignore[type-arg]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Json:
    return make_document(tmp_path_factory.mktemp("bundle") / "tiny")


def judged(built: Json, change: Callable[[Json], object]) -> Row:
    (row,) = release_rows(Expected(own=release(altered(built, change))), built)
    return row


def test_forged_manifest_is_told(built: Json) -> None:
    """The digest was computed anew, and the identifier follows from the forged hash."""
    row = judged(built, lambda d: d.update(manifest_sha256=OTHER))
    assert row.status is Status.FAILED
    assert row.detail == "its bits are those of the release, which says otherwise of its identifier"


def test_forged_hash_of_the_toolchain_is_told(built: Json) -> None:
    row = judged(built, lambda d: d["steps"]["toolchain"].update(nar_sha256=OTHER))
    assert row.status is Status.FAILED
    assert row.detail.endswith("says otherwise of its steps")


def test_toolchain_that_is_built_in_another_way_may_be_another(built: Json) -> None:
    """The steps gave the same with it."""
    other = {"derivation": store_path("other.drv"), "nar_sha256": OTHER}
    row = judged(built, lambda d: d["steps"].update(toolchain=other))
    assert row.status is Status.PASSED
    assert row.detail.endswith("; the rules that build it moved since")


@pytest.mark.parametrize(
    ("key", "value"), [("date", "2026-01-01"), ("resources", {}), ("calibration_seconds", 7)]
)
def test_what_no_bits_decide_may_be_another(key: str, value: object, built: Json) -> None:
    assert judged(built, lambda d: d.update({key: value})).status is Status.PASSED
