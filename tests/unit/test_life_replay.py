"""Whether the training replays, as the rows of the two builds have it."""

from pathlib import Path

import numpy as np
import pytest

from builder.runtime.trace import Trace
from tests.unit.plans import make_row
from verifier.life.replay import replay_rows
from verifier.verdict import Row, Status

EQUAL = {"first_sha256": "a" * 64, "second_sha256": "a" * 64, "second": "built here", "detail": "equal"}
OTHER = {**EQUAL, "status": Status.FAILED, "second_sha256": "b" * 64}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle with a real trace of three steps."""
    (tmp_path / "training").mkdir()
    trace = Trace(tmp_path / "training" / "trace")
    for step in range(4):
        if step:
            trace.record(batch=None, loss=1.0, learning_rate=0.1, gradient_norm=None)
        if trace.wants_tensors():
            trace.tensors([("w", np.zeros(2))])
    trace.close()
    return tmp_path


def judged(bundle: Path, *rebuilt: Row) -> Row:
    (row,) = replay_rows(bundle, rebuilt)
    assert row.check == "replay"
    return row


def test_training_that_gave_the_same_twice_replays(bundle: Path) -> None:
    row = judged(bundle, make_row(subject="prepare"), make_row(**EQUAL))
    digests = len((bundle / "training" / "trace" / "tensors.jsonl").read_text().splitlines())
    assert (row.subject, row.status) == (f"3 steps, {digests} digests", Status.PASSED)
    assert (row.detail, row.second) == ("the second training gave the same", "built here")


def test_training_that_a_record_knows_replays(bundle: Path) -> None:
    row = judged(bundle, make_row(**{**EQUAL, "second": "known, 2026-11-25"}))
    assert (row.status, row.second) == (Status.PASSED, "known, 2026-11-25")


@pytest.mark.parametrize("file", ["steps.jsonl", "tensors.jsonl"])
def test_trace_that_parted_fails_with_the_step(bundle: Path, file: str) -> None:
    line = f"trace/{file}: step 2: the loss is 1.0 in the first, 2.0 in the second"
    row = judged(bundle, make_row(**OTHER, differences=("model.safetensors: differs", line)))
    assert (row.status, row.detail, row.inherited) == (Status.FAILED, line, True)


@pytest.mark.parametrize(
    "fields",
    [
        {**OTHER, "differences": ("model.safetensors: differs",)},
        {**OTHER, "inherited": True},
        {**EQUAL, "status": Status.FAILED, "detail": "changed after it was built; equal"},
        {**EQUAL, "second_sha256": "b" * 64},
    ],
)
def test_training_that_was_another_fails(bundle: Path, fields: dict[str, object]) -> None:
    row = judged(bundle, make_row(**fields))
    assert (row.status, row.detail) == (Status.FAILED, "the second training was another")


@pytest.mark.parametrize(
    "rebuilt",
    [
        (),
        (make_row(subject="prepare", **EQUAL),),
        (make_row(check="variation", **EQUAL),),
        (make_row(**{**EQUAL, "second": ""}),),
    ],
)
def test_without_a_second_training_it_is_not_checked(bundle: Path, rebuilt: tuple[Row, ...]) -> None:
    row = judged(bundle, *rebuilt)
    assert (row.status, row.detail) == (Status.NOT_CHECKED, "there is no second training")


def test_bundle_without_a_trace_has_no_row(tmp_path: Path) -> None:
    assert replay_rows(tmp_path, [make_row(**EQUAL)]) == []


def test_trace_without_digests_fails(bundle: Path) -> None:
    """A script can remove them."""
    (bundle / "training" / "trace" / "tensors.jsonl").unlink()
    row = judged(bundle, make_row(**EQUAL))
    assert row.status is Status.FAILED
    assert row.detail == "tensors.jsonl of the trace cannot be read: No such file or directory"


@pytest.mark.parametrize("content", [b"", b"\xff" * 5000, b"{}\n"])
def test_damage_that_is_alike_in_both_trainings_ends_nothing(bundle: Path, content: bytes) -> None:
    for name in ("steps.jsonl", "tensors.jsonl"):
        (bundle / "training" / "trace" / name).write_bytes(content)
    assert judged(bundle, make_row(**EQUAL)).status is Status.PASSED
