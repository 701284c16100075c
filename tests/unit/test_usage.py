"""What a script used: the rows of its batches, its threads, and the time it spent on loading data, each once."""

import json
import sys
import time
from collections import namedtuple
from types import SimpleNamespace

import numpy as np
import pytest

from builder.runtime.usage import Usage, most, rows_of, running_threads

Pair = namedtuple("Pair", "first second")
ROWS = np.zeros((5, 2))


@pytest.mark.parametrize(
    "batch",
    [ROWS, (ROWS, np.zeros(9)), [None, ROWS], {"x": {"y": ROWS}}, Pair("text", ROWS), (np.float32(1), ROWS)],
)
def test_rows_are_those_of_the_first_array(batch: object) -> None:
    assert rows_of(batch) == 5


@pytest.mark.parametrize("batch", [None, 0, "text", [1, 2, 3], np.array(1.0), {}, object()])
def test_batch_without_an_array_has_no_rows(batch: object) -> None:
    assert rows_of(batch) is None


def test_batch_that_holds_itself_has_no_rows() -> None:
    endless: list[object] = [1]
    endless.append(endless)
    assert rows_of(endless) is None


def test_greater_number_is_kept_and_an_unknown_one_is_none() -> None:
    assert (most(None, None), most(3, None), most(None, 3), most(3, 4)) == (None, 3, 3, 4)


def test_loading_inside_of_loading_counts_once() -> None:
    usage = Usage()
    with usage.loading(), usage.loading():
        time.sleep(0.05)
    with pytest.raises(StopIteration), usage.loading():
        raise StopIteration
    assert 0.05 <= usage.data_loading_seconds < 0.1


def test_this_process_has_a_thread() -> None:
    assert running_threads() >= 1


@pytest.mark.parametrize(("used", "device", "memory"), [(True, "cuda", 1234), (False, "cpu", None)])
def test_torch_says_what_of_a_gpu_was_used(
    used: bool,
    device: str,
    memory: int | None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    cuda = SimpleNamespace(is_initialized=lambda: used, max_memory_allocated=lambda: 1234)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))  # type: ignore[arg-type]
    Usage().report()
    event = json.loads(capfd.readouterr().err.removeprefix("@samebits "))
    assert (event["device"], event["gpu_memory_bytes"], event["batch_rows"]) == (device, memory, None)
