"""Between which noted steps two trainings parted."""

from pathlib import Path

import numpy as np
import pytest

from builder.runtime.trace import Trace
from verifier.errors import BadInput
from verifier.rebuild.replay import suspect_window


def write(folder: Path, *, steps: int, tensor_from: int = 1000, loss_from: int = 1000) -> Path:
    """Writes a trace whose tensor and whose loss are others from these steps on."""
    folder.mkdir()
    trace = Trace(folder / "trace")
    for step in range(steps + 1):
        if step:
            loss = 2.0 if step >= loss_from else 1.0
            trace.record(batch=None, loss=loss, learning_rate=0.1, gradient_norm=None)
        if trace.wants_tensors():
            trace.tensors([("w", np.full(2, step >= tensor_from))])
    trace.close()
    return folder


@pytest.mark.parametrize(
    ("changes", "window"),
    [
        ({}, range(0)),
        ({"tensor_from": 0}, range(1)),
        ({"tensor_from": 3}, range(3, 5)),
        ({"tensor_from": 9}, range(9, 17)),
        ({"tensor_from": 9, "loss_from": 12}, range(9, 13)),
        ({"loss_from": 12}, range(9, 13)),
        ({"tensor_from": 33, "loss_from": 40}, range(33, 41)),
    ],
)
def test_window_lies_between_the_last_equal_note_and_the_first_difference(
    tmp_path: Path, changes: dict[str, int], window: range
) -> None:
    first = write(tmp_path / "a", steps=50)
    second = write(tmp_path / "b", steps=50, **changes)
    assert suspect_window(first, second) == window


def test_folder_without_a_trace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        suspect_window(tmp_path, tmp_path)
