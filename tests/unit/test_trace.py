"""The trace as it is written: exact, of fixed width, chained, and the same for the same training."""

import hashlib
import json
import math
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.runtime.digests import describe, digest_of
from builder.runtime.failure import Refused
from builder.runtime.trace import Trace
from tests.unit.traces import write_trace

Pair = namedtuple("Pair", "first second")


def lines(folder: Path) -> list[str]:
    return (folder / "steps.jsonl").read_text().splitlines()


def test_lines_are_json_of_one_length(tmp_path: Path) -> None:
    found = lines(write_trace(tmp_path / "trace", 12))
    assert len({len(line) for line in found}) == 1
    assert [json.loads(line)["step"] for line in found] == list(range(1, 13))


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_comes_back_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, loss: float, rate: float
) -> None:
    folder = tmp_path_factory.mktemp("trace") / "trace"
    trace = Trace(folder)
    trace.record(batch=None, loss=loss, learning_rate=rate, gradient_norm=None)
    trace.record(batch="0" * 32, loss=1.0, learning_rate=1.0, gradient_norm=1.0)
    trace.close()
    first, second = lines(folder)
    assert len(first) == len(second)
    read = json.loads(first)
    assert math.copysign(1, read["loss"]) == math.copysign(1, loss)
    assert (read["loss"], read["learning_rate"]) == (loss, rate)
    assert read["batch"] is read["gradient_norm"] is None


def test_chain_is_over_all_lines_before(tmp_path: Path) -> None:
    """As docs/reference/trace.md describes it."""
    chain = "0" * 32
    for line in lines(write_trace(tmp_path / "trace", 3)):
        body = line[1 : line.index(',"chain"')]
        chain = hashlib.sha256((chain + body).encode()).hexdigest()[:32]
        assert json.loads(line)["chain"] == chain


def test_change_of_one_step_changes_the_chain_from_there_on(tmp_path: Path) -> None:
    a, b = lines(write_trace(tmp_path / "a", 9)), lines(write_trace(tmp_path / "b", 9, changed=5))
    equal = [json.loads(x)["chain"] == json.loads(y)["chain"] for x, y in zip(a, b, strict=True)]
    assert equal == [True] * 4 + [False] * 5


def test_tensors_are_wanted_at_powers_of_two_and_intervals(tmp_path: Path) -> None:
    folder = write_trace(tmp_path / "trace", 13)
    steps = [json.loads(line)["step"] for line in (folder / "tensors.jsonl").read_text().splitlines()]
    assert steps == [0, 1, 2, 4, 8, 12]


@pytest.mark.parametrize(("name", "words"), [("loss", "loss"), ("gradient_norm", "gradient norm")])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_number_that_is_not_finite_stops_and_names_the_step(
    name: str, words: str, value: float, tmp_path: Path
) -> None:
    trace = Trace(tmp_path / "trace")
    good: dict[str, float] = {"loss": 1.0, "gradient_norm": 1.0}
    trace.record(batch=None, learning_rate=0.1, **good)
    with pytest.raises(Refused, match=f"diverged: the {words} is {value} at training step 2"):
        trace.record(batch=None, learning_rate=0.1, **{**good, name: value})
    trace.close()


def test_each_decision_is_noted_where_it_is_first_made(tmp_path: Path) -> None:
    trace = Trace(tmp_path / "trace")
    for bound in (1.0, 1.0, 2.0, 1.0):
        trace.decide("clipping", {"bound": bound})
        trace.record(batch=None, loss=None, learning_rate=None, gradient_norm=None)
    trace.close()
    document = json.loads((tmp_path / "trace" / "decisions.json").read_text())
    found = [(d["after_step"], d["value"]) for d in document["decisions"] if d["what"] == "clipping"]
    assert found == [(0, {"bound": 1.0}), (2, {"bound": 2.0})]
    assert document["steps"] == 4


def test_digest_of_a_batch_sees_values_shapes_types_and_keys() -> None:
    numbers = np.arange(4, dtype=np.int64)
    values = [
        numbers,
        numbers + 1,
        numbers.reshape(2, 2),
        numbers.astype(np.int32),
        (numbers,),
        (numbers, numbers),
        {"x": numbers},
        {"y": numbers},
        [[1], [2]],
        [[1, 2]],
        "12",
        12,
        None,
    ]
    assert len({digest_of(value) for value in values}) == len(values)


def test_digest_knows_no_address_and_no_memory_layout() -> None:
    numbers = np.arange(6).reshape(2, 3)
    assert digest_of(np.asfortranarray(numbers)) == digest_of(numbers)
    assert digest_of(object()) == digest_of(object())
    assert digest_of([np.float32(1)]) != digest_of([np.float32(2)])
    assert digest_of(np.array([{"a": 1}])) != digest_of(np.array([{"a": 2}]))
    assert digest_of(Pair(1, 2)) == digest_of((1, 2))


def test_digest_of_what_holds_itself_ends() -> None:
    endless: list[object] = [1]
    endless.append(endless)
    assert len(digest_of(endless)) == 32


def test_thousand_decisions_are_enough(tmp_path: Path) -> None:
    trace = Trace(tmp_path / "trace")
    for bound in range(1500):
        trace.decide("clipping", {"bound": bound})
    trace.close()
    document = json.loads((tmp_path / "trace" / "decisions.json").read_text())
    assert len(document["decisions"]) + document["left_out"] == 1 + 1500
    assert len(document["decisions"]) == 1000


def test_description_of_a_tensor_is_of_its_bytes() -> None:
    expected = hashlib.sha256(np.ones((2, 2), np.float32).tobytes()).hexdigest()
    assert describe(np.ones((2, 2), np.float32)) == {"dtype": "float32", "shape": [2, 2], "sha256": expected}
    assert describe(np.array(1.0))["shape"] == []


def test_dense_steps_are_due_beside_the_others(tmp_path: Path) -> None:
    trace = Trace(tmp_path / "trace", dense=range(5, 8))
    due = []
    for step in range(1, 12):
        trace.record(batch=None, loss=1.0, learning_rate=0.1, gradient_norm=None)
        if trace.wants_tensors():
            due.append(step)
            trace.tensors([])
    trace.close()
    assert due == [1, 2, 4, 5, 6, 7, 8]
