"""Which stages of the data moved since a release: each is named, and how it moved; the first one first."""

import pytest

from verifier.life.data import moved_stages

Json = dict  # type: ignore[type-arg]


def one_stage(name: str = "raw", **fields: object) -> Json:
    return {"name": name, "rows": 5, "sha256": "a" * 64, "counts": {"y": {"0": 2, "1": 3}}, **fields}


def moved(before: list[Json], after: list[Json]) -> list[str]:
    return list(moved_stages(before, after))


def test_stages_that_stayed_are_not_named() -> None:
    assert moved([one_stage()], [one_stage(arrays={})]) == []


def test_first_stage_that_moved_is_named_first() -> None:
    before = [one_stage("raw"), one_stage("scaled"), one_stage("split")]
    after = [one_stage("raw"), one_stage("scaled", rows=6), one_stage("split", rows=7)]
    assert moved(before, after) == [
        "stage 'scaled': 5 rows before, 6 now",
        "stage 'split': 5 rows before, 7 now",
    ]


def test_other_labels_are_counted() -> None:
    after = one_stage(sha256="b" * 64, counts={"y": {"0": 1, "1": 3, "2": 1}})
    assert moved([one_stage()], [after]) == ["stage 'raw': other labels: y 0: 2 → 1, y 2: 0 → 1"]


def test_label_that_is_gone_is_counted() -> None:
    after = one_stage(sha256="b" * 64, counts={"y": {"0": 5}})
    assert moved([one_stage()], [after]) == ["stage 'raw': other labels: y 0: 2 → 5, y 1: 3 → 0"]


@pytest.mark.parametrize("counts", [[{"y": {"0": 5}}, None], [None, {"y": {"0": 5}}], [None, None]])
def test_stage_without_labels_is_told_by_its_digest(counts: list[object]) -> None:
    pair = zip("ab", counts, strict=True)
    before, after = (one_stage(sha256=letter * 64, counts=found) for letter, found in pair)
    assert moved([before], [after])[0].startswith("stage 'raw': aaaaaaaaaaaa before, bbbbbbbbbbbb now")


def test_three_other_labels_are_all() -> None:
    before, after = (one_stage(counts={"y": {str(n): c for n in range(3)}}) for c in (1, 2))
    assert moved([before], [after]) == ["stage 'raw': other labels: y 0: 1 → 2, y 1: 1 → 2, y 2: 1 → 2"]


def test_of_many_other_labels_three_are_shown() -> None:
    before, after = (one_stage(counts={"y": {str(n): c for n in range(5)}}) for c in (1, 2))
    assert moved([before], [after]) == ["stage 'raw': other labels: y 0: 1 → 2, y 1: 1 → 2, y 2: 1 → 2, …"]


def test_other_bytes_with_the_same_rows_and_labels_are_named_by_their_digests() -> None:
    said = moved([one_stage()], [one_stage(sha256="b" * 64)])
    assert said == ["stage 'raw': aaaaaaaaaaaa before, bbbbbbbbbbbb now; as many rows and labels"]


def test_new_stage_and_one_that_is_gone_are_named() -> None:
    said = moved([one_stage("old")], [one_stage("new")])
    assert said == ["stage 'new' is new", "stage 'old' is gone"]


def test_first_of_two_stages_of_one_name_is_not_overlooked() -> None:
    """`prepare` may call two stages alike."""
    said = moved([one_stage(), one_stage()], [one_stage(rows=6), one_stage()])
    assert said == ["stage 'raw': 5 rows before, 6 now"]


def test_second_stage_of_a_name_that_is_gone_is_named() -> None:
    assert moved([one_stage(), one_stage()], [one_stage()]) == ["stage 'raw again' is gone"]
