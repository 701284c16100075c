"""The record of the data against what `prepare` left, and which stage moved: each fault with its sentence."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from builder.runtime.dataset import stage
from builder.runtime.packaging.manifest import manifest
from verifier.canonical import digest_of
from verifier.life.data import data_row
from verifier.verdict import Row, Status

Json = dict  # type: ignore[type-arg]
Change = Callable[[Json], object]
LABELS = np.array([0, 0, 1, 1, 1], np.int64)


@pytest.fixture
def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a real `prepare` leaves: two stages of five rows, and a file."""
    folder = tmp_path / "prepare"
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "x.npy").write_bytes(b"numbers")
    monkeypatch.setenv("SAMEBITS_OUTPUT", str(folder))
    stage("raw", x=np.arange(10, dtype=np.float32).reshape(5, 2), y=LABELS)
    stage("split", y=LABELS[::-1])
    return folder


def record_of(prepared: Path) -> Json:
    """Returns data.json as `package` writes it."""
    stages = json.loads((prepared / "stages.json").read_text())
    files = manifest("tiny", "1.0.0", prepared)["files"]
    return {"schema": "samebits/data/v1", "sources": [], "lineage": [], "stages": stages, "prepared": files}


def judged(prepared: Path, change: Change = lambda _: None) -> Row:
    """Returns the row for a record that `change` altered, without a release to compare with."""
    record = record_of(prepared)
    change(record)
    return data_row(record, prepared, (), "", same=False)


def failure(row: Row) -> str:
    assert row.status is Status.FAILED and not row.warned
    assert row.detail == row.differences[0]
    return row.detail


def restaged(prepared: Path, change: Change) -> Row:
    """Returns the row where the record and stages.json agree on stages that `change` altered."""
    stages = json.loads((prepared / "stages.json").read_text())
    change(stages[0])
    (prepared / "stages.json").write_text(json.dumps(stages))
    return judged(prepared)


def test_record_of_a_real_prepare_passes(prepared: Path) -> None:
    row = judged(prepared)
    assert (row.check, row.subject) == ("data", "2 stages, 2 files")
    assert (row.status, row.detail) == (Status.PASSED, "digests, rows and labels fit")
    assert row.differences == ()


def test_one_stage_is_no_plural(prepared: Path) -> None:
    stages = json.loads((prepared / "stages.json").read_text())[:1]
    (prepared / "stages.json").write_text(json.dumps(stages))
    assert judged(prepared).subject == "1 stage, 2 files"


def test_prepare_without_stages_passes(prepared: Path) -> None:
    (prepared / "stages.json").unlink()
    record = {"stages": [], "prepared": manifest("tiny", "1.0.0", prepared)["files"]}
    assert data_row(record, prepared, (), "", same=False).status is Status.PASSED


def test_digest_of_other_arrays_fails(prepared: Path) -> None:
    row = restaged(prepared, lambda one: one.update(sha256="f" * 64))
    assert failure(row) == "stage 'raw': its digest is not that of its arrays"


def test_array_with_other_rows_than_its_stage_fails(prepared: Path) -> None:
    def shorten(one: Json) -> None:
        one["arrays"]["x"]["shape"] = [4, 2]
        one["sha256"] = digest_of(one["arrays"])

    assert failure(restaged(prepared, shorten)) == "stage 'raw': x has not the 5 rows of the stage"


def test_array_without_rows_fails(prepared: Path) -> None:
    def flatten(one: Json) -> None:
        one["arrays"]["x"]["shape"] = []
        one["sha256"] = digest_of(one["arrays"])

    assert failure(restaged(prepared, flatten)) == "stage 'raw': x has not the 5 rows of the stage"


def test_labels_that_do_not_sum_up_to_the_rows_fail(prepared: Path) -> None:
    row = restaged(prepared, lambda one: one["counts"]["y"].update({"1": 4}))
    assert failure(row) == "stage 'raw': the labels of y are 6, not 5"


def test_stage_of_numbers_alone_passes(prepared: Path) -> None:
    row = restaged(prepared, lambda one: one.pop("counts"))
    assert row.status is Status.PASSED


def test_prepared_file_with_other_bytes_fails(prepared: Path) -> None:
    record = record_of(prepared)
    (prepared / "below" / "x.npy").write_bytes(b"Numbers")
    row = data_row(record, prepared, (), "", same=False)
    assert failure(row) == "prepare: below/x.npy has other bytes than data.json says"


def test_prepared_file_that_is_missing_fails(prepared: Path) -> None:
    record = record_of(prepared)
    (prepared / "below" / "x.npy").unlink()
    row = data_row(record, prepared, (), "", same=False)
    assert failure(row) == "prepare: below/x.npy is listed, but missing"


def test_prepared_file_that_is_not_listed_fails(prepared: Path) -> None:
    row = judged(prepared, lambda record: record["prepared"].pop(0))
    assert failure(row) == "prepare: below/x.npy is not listed"


def test_other_stages_than_prepare_wrote_fail(prepared: Path) -> None:
    row = judged(prepared, lambda record: record["stages"].pop())
    assert failure(row) == "prepare: stages.json holds other stages than data.json"


@pytest.mark.parametrize("content", [b"", b"[1,", b"\xff[]", b"[NaN]", b"[" * 100_000, b'[{"a":1,"a":1}]'])
def test_stages_that_cannot_be_read_fail(prepared: Path, content: bytes) -> None:
    stages = record_of(prepared)["stages"]
    (prepared / "stages.json").write_bytes(content)
    record = {"stages": stages, "prepared": manifest("tiny", "1.0.0", prepared)["files"]}
    row = data_row(record, prepared, (), "", same=False)
    assert failure(row) == "prepare: stages.json holds other stages than data.json"


def test_missing_stages_fail_beside_the_file_itself(prepared: Path) -> None:
    record = record_of(prepared)
    (prepared / "stages.json").unlink()
    row = data_row(record, prepared, (), "", same=False)
    assert row.differences == (
        "prepare: stages.json is listed, but missing",
        "prepare: stages.json holds other stages than data.json",
    )


def released(prepared: Path, change: Change = lambda _: None) -> list[Json]:
    """Returns the stages as a release has them, of which `change` altered the first."""
    stages = copy.deepcopy(record_of(prepared)["stages"])
    for one in stages:
        del one["arrays"]
    change(stages[0])
    return stages


def test_same_stages_as_released_pass(prepared: Path) -> None:
    row = data_row(record_of(prepared), prepared, released(prepared), "1.0.0", same=True)
    assert (row.status, row.warned) == (Status.PASSED, False)
    assert row.detail == "digests, rows and labels fit, as in 1.0.0"


MOVED = "stage 'raw': 4 rows before, 5 now"


def test_moved_stage_fails_where_the_version_is_the_same(prepared: Path) -> None:
    before = released(prepared, lambda one: one.update(rows=4))
    row = data_row(record_of(prepared), prepared, before, "1.0.0", same=True)
    assert (row.status, row.warned) == (Status.FAILED, False)
    assert row.detail == f"digests, rows and labels fit, other than in 1.0.0: {MOVED}"
    assert row.differences == (MOVED,)


def test_moved_stage_warns_where_the_version_is_another(prepared: Path) -> None:
    before = released(prepared, lambda one: one.update(rows=4))
    row = data_row(record_of(prepared), prepared, before, "0.9.0", same=False)
    assert (row.status, row.warned) == (Status.PASSED, True)
    assert row.detail == f"digests, rows and labels fit, other than in 0.9.0: {MOVED}"


def test_what_is_wrong_comes_before_what_moved_and_never_warns(prepared: Path) -> None:
    record, before = record_of(prepared), released(prepared, lambda one: one.update(rows=4))
    (prepared / "below" / "x.npy").unlink()
    row = data_row(record, prepared, before, "0.9.0", same=False)
    assert failure(row) == "prepare: below/x.npy is listed, but missing"
    assert row.differences[-1] == MOVED
