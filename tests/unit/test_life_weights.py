"""What the proof `fidelity` found of the weights: losses, other files, no report, and no proof at all."""

import json
from pathlib import Path

import numpy as np
import pytest

from builder.runtime.proofs.fidelity import saved_again
from builder.runtime.proofs.library import described
from tests.unit.bundles import write_file
from tests.unit.lives import write_tensors
from verifier.errors import BadInput, CouldNotCheck, VerifierError
from verifier.life.weights import fidelity_row
from verifier.verdict import Row, Status

GOOD = {"path": "weights/model.safetensors", "equal_bytes": True, "tensors": 2, "unequal_tensors": []}
DAMAGED = [b"", b"{", b"\xff", b"[]", b'{"schema":"samebits/fidelity/v1","loaded_with":"numpy","files":[]}']


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    write_tensors(tmp_path / "bundle" / "weights" / "model.safetensors", {"w": np.ones(2), "b": np.ones(1)})
    return tmp_path / "bundle"


def report(folder: Path, *files: dict[str, object]) -> Path:
    """Writes what the proof leaves."""
    value = {"schema": "samebits/fidelity/v1", "loaded_with": "numpy", "files": files}
    return write_file(folder / "proof", "fidelity.json", json.dumps(value).encode()).parent


def judged(bundle: Path, *files: dict[str, object]) -> Row:
    row = fidelity_row(bundle, report(bundle.parent, *files))
    assert row.check == "serialisation"
    return row


def failure(row: Row) -> str:
    assert row.status is Status.FAILED
    return row.detail


def test_equal_weights_pass(bundle: Path) -> None:
    row = judged(bundle, GOOD)
    assert (row.status, row.subject) == (Status.PASSED, "1 file of weights")
    assert row.detail == "2 tensors saved again: equal bytes; loaded by another process: equal"


def test_what_the_builders_program_found_passes(bundle: Path, tmp_path: Path) -> None:
    path = "weights/model.safetensors"
    found = saved_again(bundle / path, tmp_path / "again", described)
    assert judged(bundle, {"path": path, **found}).status is Status.PASSED


def test_file_that_is_saved_with_other_bytes_fails(bundle: Path) -> None:
    row = judged(bundle, {**GOOD, "equal_bytes": False})
    assert failure(row) == "weights/model.safetensors: loaded and saved again, it has other bytes"


def test_tensors_that_another_process_reads_otherwise_fail(bundle: Path) -> None:
    row = judged(bundle, {**GOOD, "unequal_tensors": ["w", "b"]})
    assert failure(row) == "weights/model.safetensors: tensor 'w' is another in another process"
    assert len(row.differences) == 2


OTHER = "the files that were tried are not those of the bundle"


@pytest.mark.parametrize(
    "files",
    [
        [{**GOOD, "path": "weights/other.safetensors"}],
        [GOOD, {**GOOD, "path": "weights/other.safetensors"}],
        [GOOD, GOOD],
    ],
)
def test_other_files_than_those_of_the_bundle_fail(bundle: Path, files: list[dict[str, object]]) -> None:
    assert failure(judged(bundle, *files)) == OTHER


def test_file_that_was_not_tried_fails(bundle: Path) -> None:
    write_file(bundle, "weights/hidden.safetensors", b"")
    row = judged(bundle, GOOD)
    assert (row.subject, failure(row)) == ("2 files of weights", OTHER)


def test_files_in_folders_are_the_same_in_any_order(bundle: Path) -> None:
    """A folder's name sorts before `model-2`, and its files after it."""
    names = ["weights/model-2.safetensors", "weights/model/one.safetensors"]
    for name in names:
        write_file(bundle, name, b"")
    row = judged(bundle, GOOD, *({**GOOD, "path": name} for name in names))
    assert (row.status, row.subject) == (Status.PASSED, "3 files of weights")


def test_missing_report_fails(bundle: Path, tmp_path: Path) -> None:
    assert failure(fidelity_row(bundle, tmp_path)) == f"{tmp_path}/fidelity.json does not exist"


@pytest.mark.parametrize("content", DAMAGED)
def test_damaged_report_fails(bundle: Path, tmp_path: Path, content: bytes) -> None:
    write_file(tmp_path, "fidelity.json", content)
    assert failure(fidelity_row(bundle, tmp_path)).startswith(f"{tmp_path}/fidelity.json")


@pytest.mark.parametrize(
    ("error", "status"), [(BadInput, Status.FAILED), (CouldNotCheck, Status.NOT_CHECKED)]
)
def test_proof_that_came_to_no_end_is_told(bundle: Path, error: type[VerifierError], status: Status) -> None:
    row = fidelity_row(bundle, error("it was in the way", advice="Do this."))
    assert (row.status, row.detail, row.differences) == (status, "it was in the way", ("Do this.",))


def test_flake_without_the_proof_is_not_checked(bundle: Path) -> None:
    row = fidelity_row(bundle, None)
    assert row.status is Status.NOT_CHECKED
    assert row.detail.startswith("the flake has no proof of it. Make it with mkModel")
