"""Golden outputs that may be equal within tolerance alone: each rule in a case in which it fails."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.unit.explaining import entry, safetensors_bytes
from verifier.contract import predictions
from verifier.contract.predictions import judge_predictions
from verifier.contract.terms import Closeness
from verifier.verdict import Row, Status

CLOSENESS = Closeness(absolute=0.001, agreement=0.75, reason="cuBLAS of two GPU kinds")
IMAGES = np.arange(8, dtype=np.float32).reshape(4, 2)
SCORES = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.4999, 0]], np.float32)
GOOD = {"input.images": IMAGES, "output.scores": SCORES}
Tensors = Mapping[str, "np.ndarray[tuple[int, ...], np.dtype[np.generic]]"]


def judged(folder: Path, first: Tensors | bytes | None, second: Tensors | bytes | None) -> Row:
    for side, content in (("first", first), ("second", second)):
        if isinstance(content, bytes):
            (folder / side).write_bytes(content)
        elif content is not None:
            save_file({name: np.ascontiguousarray(array) for name, array in content.items()}, folder / side)
    row = judge_predictions(CLOSENESS, folder / "first", folder / "second")
    assert (row.check, row.subject) == ("prediction", "golden.safetensors")
    return row


def failure(row: Row) -> str:
    assert row.status is Status.FAILED
    return row.detail


def scores(*changes: tuple[int, int, float]) -> Tensors:
    changed = SCORES.copy()
    for row, column, value in changes:
        changed[row, column] = value
    return {**GOOD, "output.scores": changed}


def test_close_outputs_pass(tmp_path: Path) -> None:
    row = judged(tmp_path, GOOD, scores((0, 0, 1.0005), (3, 1, 0.5004)))
    assert row.status is Status.PASSED
    assert row.detail == (
        "12 values, apart by 0.0005000 at most; 0.001 is allowed (cuBLAS of two GPU kinds); "
        "3 of 4 rows choose alike"
    )


def test_output_too_far_apart_fails(tmp_path: Path) -> None:
    assert failure(judged(tmp_path, GOOD, scores((0, 0, 1.5)))) == (
        "output.scores differs by up to 0.5; at most 0.001 is allowed (cuBLAS of two GPU kinds)"
    )


def test_distance_as_large_as_the_output_is_refused(tmp_path: Path) -> None:
    """It would let through any output of the same sign, or none at all."""
    tiny = {**GOOD, "output.scores": SCORES / 2048}
    said = failure(judged(tmp_path, tiny, tiny))
    assert said.startswith(
        "output.scores: an absolute 0.001 cannot fail, as no value is larger than 0.000488"
    )


def test_too_few_rows_that_choose_alike_fail(tmp_path: Path) -> None:
    first = {"output.scores": np.array([[0.5, 0.5001], [0.5, 0.5001], [1, 0]], np.float32)}
    second = {"output.scores": np.array([[0.5001, 0.5], [0.5001, 0.5], [1, 0]], np.float32)}
    assert failure(judged(tmp_path, first, second)) == (
        "output.scores: 1 of 3 rows choose alike, a share of 0.3333; "
        "at least 0.75 is demanded (cuBLAS of two GPU kinds)"
    )


def test_nan_agrees_with_nothing_even_itself(tmp_path: Path) -> None:
    row = judged(tmp_path, scores((0, 0, np.nan)), scores((0, 0, np.nan)))
    assert failure(row) == "output.scores holds a NaN"


def test_nan_behind_the_first_block_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictions, "CHUNK_ELEMENTS", 3)
    for row in range(4):
        assert failure(judged(tmp_path, GOOD, scores((row, 1, np.nan)))) == "output.scores holds a NaN"


def test_infinities_of_one_sign_are_equal(tmp_path: Path) -> None:
    masked = scores((0, 1, -np.inf))
    assert judged(tmp_path, masked, masked).status is Status.PASSED
    assert failure(judged(tmp_path, masked, GOOD)).startswith("output.scores differs by up to inf")


def test_another_input_fails(tmp_path: Path) -> None:
    row = judged(tmp_path, GOOD, {**GOOD, "input.images": IMAGES + np.float32(1e-6)})
    assert failure(row) == "input.images differs, so the two were not asked the same"


def test_output_in_one_only_fails(tmp_path: Path) -> None:
    row = judged(tmp_path, GOOD, {"input.images": IMAGES})
    assert failure(row) == "output.scores is in the first only"


@pytest.mark.parametrize("other", [SCORES.astype(np.float64), SCORES.reshape(3, 4)])
def test_another_type_or_shape_fails(
    tmp_path: Path, other: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]"
) -> None:
    row = judged(tmp_path, GOOD, {**GOOD, "output.scores": other})
    assert failure(row).startswith("output.scores is F32 [4, 3] in the first, F")


def test_output_without_columns_is_held_to_the_distance_alone(tmp_path: Path) -> None:
    row = judged(tmp_path, {"output.loss": np.array([1.0, 2.0])}, {"output.loss": np.array([2.0, 2.0])})
    assert failure(row).startswith("output.loss differs by up to 1; at most 0.001 is allowed")
    same = {"output.loss": np.array([1.0, 2.0])}
    assert "rows" not in judged(tmp_path, same, same).detail


def test_whole_numbers_of_an_output_are_compared(tmp_path: Path) -> None:
    row = judged(tmp_path, {"output.label": np.array([3, 4])}, {"output.label": np.array([3, 5])})
    assert failure(row).startswith("output.label differs by up to 1")


def test_whole_numbers_beyond_binary64_are_told_apart(tmp_path: Path) -> None:
    large = 1 << 60
    row = judged(tmp_path, {"output.label": np.array([large])}, {"output.label": np.array([large + 1])})
    assert failure(row).startswith("output.label differs by up to 1")


@pytest.mark.parametrize("second", [b"\x01", b"\x02"])
def test_values_that_cannot_be_subtracted_must_be_equal(tmp_path: Path, second: bytes) -> None:
    header = {"output.x": entry("F8_E4M3", [1], 0, 1)}
    row = judged(tmp_path, safetensors_bytes(header, b"\x01"), safetensors_bytes(header, second))
    assert (row.status is Status.PASSED) is (second == b"\x01")
    assert row.status is Status.PASSED or row.detail.startswith(
        "output.x differs, and values of type F8_E4M3"
    )


def test_bfloat16_is_compared_by_value(tmp_path: Path) -> None:
    header = {"output.x": entry("BF16", [1], 0, 2)}
    row = judged(tmp_path, safetensors_bytes(header, b"\x80\x3f"), safetensors_bytes(header, b"\x81\x3f"))
    assert failure(row).startswith("output.x differs by up to 0.007812")


@pytest.mark.parametrize("tensors", [{"input.images": IMAGES}, {"output.x": np.zeros((0, 3), np.float32)}])
def test_files_without_an_output_fail(tmp_path: Path, tensors: Tensors) -> None:
    assert failure(judged(tmp_path, tensors, tensors)) == "there is no output to compare"


def test_file_that_lies_fails(tmp_path: Path) -> None:
    assert failure(judged(tmp_path, GOOD, b"\1")).startswith("the golden outputs cannot be read: ")


def test_file_in_one_build_only_fails(tmp_path: Path) -> None:
    assert failure(judged(tmp_path, GOOD, None)) == "the second build has no golden outputs"


def test_no_file_in_either_is_not_checked(tmp_path: Path) -> None:
    row = judged(tmp_path, None, None)
    assert (row.status, row.detail) == (Status.NOT_CHECKED, "neither build has golden outputs")


def test_all_that_differs_is_listed(tmp_path: Path) -> None:
    row = judged(tmp_path, GOOD, {"input.images": IMAGES + 1, "output.scores": SCORES + 1})
    assert len(row.differences) == 2 and row.detail == row.differences[0]
