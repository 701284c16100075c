"""Golden outputs from the packaged weights: every way in which they can be others fails with its sentence."""

from pathlib import Path

import numpy as np
import pytest

from tests.unit.lives import Tensors, write_tensors
from verifier.errors import BadInput, CouldNotCheck, VerifierError
from verifier.life.answers import inference_rows
from verifier.verdict import Row, Status

INPUT = np.arange(6, dtype=np.float32).reshape(2, 3)
SCORES = np.array([[0.5, 0.25], [1, 2]], np.float32)
GOLDEN = {"input.x": INPUT, "output.scores": SCORES, "output.label": np.array([1, 0])}
GIVEN = {"output.scores": SCORES, "output.label": np.array([1, 0])}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_tensors(tmp_path / "bundle" / "golden.safetensors", GOLDEN)


def judged(bundle: Path, given: Tensors) -> Row:
    found = write_tensors(bundle.parent / "proof" / "outputs.safetensors", given)
    (row,) = inference_rows(bundle, found)
    assert row.check == "inference"
    return row


def failure(row: Row) -> str:
    assert row.status is Status.FAILED
    return row.detail


def test_golden_outputs_that_are_given_again_pass(bundle: Path) -> None:
    row = judged(bundle, GIVEN)
    assert (row.status, row.subject) == (Status.PASSED, "2 golden outputs")
    assert row.detail == "equal, from the packaged weights and the bundle's own code"


def test_one_golden_output_is_no_plural(bundle: Path) -> None:
    write_tensors(bundle / "golden.safetensors", {"output.scores": SCORES})
    assert judged(bundle, {"output.scores": SCORES}).subject == "1 golden output"


def test_nan_that_is_given_again_passes(bundle: Path) -> None:
    nothing = {"output.scores": np.array([np.nan], np.float32)}
    write_tensors(bundle / "golden.safetensors", nothing)
    assert judged(bundle, nothing).status is Status.PASSED


def test_output_that_is_not_given_fails(bundle: Path) -> None:
    row = judged(bundle, {"output.label": GIVEN["output.label"]})
    assert failure(row) == "tensor 'output.scores' is not given"


def test_output_that_is_not_golden_fails(bundle: Path) -> None:
    assert failure(judged(bundle, {**GIVEN, "output.more": SCORES})) == "tensor 'output.more' is not golden"


@pytest.mark.parametrize(
    ("other", "described"),
    [(SCORES.astype(np.float64), "F64 [2, 2]"), (SCORES.reshape(4), "F32 [4]"), (SCORES[:1], "F32 [1, 2]")],
)
def test_output_of_another_type_or_shape_fails(
    bundle: Path, other: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]", described: str
) -> None:
    row = judged(bundle, {**GIVEN, "output.scores": other})
    assert failure(row) == f"tensor 'output.scores' is {described}, golden is F32 [2, 2]"


def test_last_bit_of_an_output_is_seen(bundle: Path) -> None:
    other = SCORES.copy()
    other[1, 0] = np.nextafter(np.float32(1), np.float32(2))
    row = judged(bundle, {**GIVEN, "output.scores": other})
    assert failure(row).startswith("tensor 'output.scores': 1 of 4 elements differ")
    assert "[1, 0]" in row.detail


def test_zero_of_another_sign_is_seen(bundle: Path) -> None:
    write_tensors(bundle / "golden.safetensors", {"output.scores": np.array([0.0])})
    assert failure(judged(bundle, {"output.scores": np.array([-0.0])})).startswith("tensor 'output.scores': ")


def test_all_that_is_wrong_is_listed(bundle: Path) -> None:
    row = judged(bundle, {"output.scores": SCORES + 1, "output.more": SCORES})
    assert [line.split("'")[1] for line in row.differences] == [
        "output.label",
        "output.scores",
        "output.more",
    ]


def test_golden_file_without_an_output_fails(bundle: Path) -> None:
    write_tensors(bundle / "golden.safetensors", {"input.x": INPUT})
    row = judged(bundle, {"input.y": INPUT})
    assert failure(row) == "golden.safetensors has no tensor whose name begins with output."


@pytest.mark.parametrize("spoilt", ["golden", "given"])
@pytest.mark.parametrize("content", [b"", b"\1", b"\xff" * 16])
def test_file_that_cannot_be_read_fails(bundle: Path, tmp_path: Path, spoilt: str, content: bytes) -> None:
    found = write_tensors(tmp_path / "proof" / "outputs.safetensors", GIVEN)
    (bundle / "golden.safetensors" if spoilt == "golden" else found / "outputs.safetensors").write_bytes(
        content
    )
    (row,) = inference_rows(bundle, found)
    assert failure(row).startswith("the outputs cannot be read: ")


def test_proof_that_left_no_outputs_fails(bundle: Path, tmp_path: Path) -> None:
    (row,) = inference_rows(bundle, tmp_path / "proof")
    assert failure(row).startswith("the outputs cannot be read: ")


def test_script_that_answers_without_golden_answers_fails(tmp_path: Path) -> None:
    found = write_tensors(tmp_path / "proof" / "outputs.safetensors", GIVEN)
    (row,) = inference_rows(tmp_path, found)
    assert failure(row).startswith("the outputs cannot be read: ")


@pytest.mark.parametrize(
    ("error", "status"), [(BadInput, Status.FAILED), (CouldNotCheck, Status.NOT_CHECKED)]
)
def test_proof_that_came_to_no_end_is_told(bundle: Path, error: type[VerifierError], status: Status) -> None:
    (row,) = inference_rows(bundle, error("predict.py failed", advice="Mend it."))
    assert (row.check, row.status, row.detail) == ("inference", status, "predict.py failed")
    assert row.differences == ("Mend it.",)


def test_golden_outputs_that_nothing_can_give_are_not_checked(bundle: Path) -> None:
    (row,) = inference_rows(bundle, None)
    assert row.status is Status.NOT_CHECKED
    assert row.detail == "model.nix names no `predict` script that could give them (docs/reference/model.md)"


def test_model_without_golden_outputs_and_without_the_proof_has_no_row(tmp_path: Path) -> None:
    assert inference_rows(tmp_path, None) == []
