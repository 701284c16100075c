"""The state of a training as JSON and tensors comes back to the last bit; what cannot is refused by its place."""

import math
import random
import struct
from collections import Counter, OrderedDict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file

from builder.runtime.canonical import canonical, parse
from builder.runtime.chunking.asked import parse_chunk
from builder.runtime.chunking.encoding import Tensors, decode, encode, first_difference
from builder.runtime.chunking.objects import held, refill
from builder.runtime.chunking.tensorfile import Entry, read_tensors, write_tensors
from builder.runtime.failure import Refused, refusals
from tests.unit.chunks import lengths, shares

ARRAYS = [
    np.arange(6, dtype=np.float32).reshape(2, 3),
    np.asfortranarray(np.arange(6, dtype=np.int64).reshape(2, 3)),
    np.arange(24, dtype=np.float16).reshape(2, 3, 4).transpose(2, 0, 1),
    np.arange(10, dtype=np.uint8)[::2],
    np.array([], np.float64),
    np.array(True),
    np.array([math.nan, math.inf, -0.0]),
    np.zeros((0, 3), np.complex64),
    np.arange(4, dtype=np.uint64)[::-1],
]
KEYS = st.one_of(
    st.text(st.characters(codec="utf-8")), st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False)
)
VALUES = st.recursive(
    st.one_of(
        *(KEYS, st.floats(), st.binary(), st.sampled_from(ARRAYS)),
        st.sampled_from([np.float32(0.1), np.int64(-3), np.bool_(True)]),
    ),
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(KEYS, inner),
        st.dictionaries(KEYS, inner).map(OrderedDict),
        st.dictionaries(KEYS, st.integers()).map(Counter),
    ),
    max_leaves=20,
)


def bits(value: object) -> object:
    """Returns what two values must have in common to be the same to the last bit."""
    if isinstance(value, np.ndarray | np.generic):
        layout = np.argsort([-abs(s) for s in np.asarray(value).strides], kind="stable").tolist()
        return (type(value), str(value.dtype), value.shape, value.tobytes(), layout if value.size else None)
    if isinstance(value, dict):
        return (type(value), [(bits(key), bits(item)) for key, item in value.items()])
    if isinstance(value, list | tuple):
        return (type(value), [bits(item) for item in value])
    return (type(value), struct.pack(">d", value) if isinstance(value, float) else value)


def there_and_back(value: object, folder: Path) -> object:
    tensors = Tensors()
    written = canonical(encode(value, "state", tensors))
    write_tensors(folder / "t.safetensors", tensors.entries)
    return decode(parse(written.decode()), read_tensors(folder / "t.safetensors"))


@given(VALUES)
def test_every_value_comes_back_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    found = there_and_back(value, tmp_path_factory.mktemp("state"))
    assert bits(found) == bits(value)


@given(VALUES)
def test_equal_values_are_written_equally_and_others_are_told_apart(value: object) -> None:
    one, other = Tensors(), Tensors()
    a, b = encode(value, "state", one), encode(value, "state", other)
    assert canonical(a) == canonical(b)
    assert first_difference(a, b, one, other, "state") is None
    c = encode([value], "state", other)
    assert first_difference(a, c, one, other, "state") is not None or isinstance(value, list)


def test_a_bit_of_a_tensor_is_a_difference_that_is_named() -> None:
    one, other = Tensors(), Tensors()
    a = encode({"w": {"m": np.zeros(3)}}, "state", one)
    b = encode({"w": {"m": np.array([0, 0, -0.0])}}, "state", other)
    assert first_difference(a, b, one, other, "state") == "state.w.m"


def test_file_is_one_that_safetensors_reads(tmp_path: Path) -> None:
    tensors = Tensors()
    encode({"a": ARRAYS[0], "b": [ARRAYS[4], ARRAYS[5]], "c": np.int8(3)}, "x", tensors)
    length, _ = write_tensors(tmp_path / "t.safetensors", tensors.entries)
    assert length == (tmp_path / "t.safetensors").stat().st_size
    found = load_file(tmp_path / "t.safetensors")
    assert found.keys() == {"x.a", "x.b.0", "x.b.1", "x.c"}
    assert np.array_equal(found["x.a"], ARRAYS[0])


def test_two_places_of_one_name_do_not_share_a_tensor() -> None:
    tensors = Tensors()
    encode({"a": {"b": np.zeros(1)}, "a.b": np.ones(1)}, "x", tensors)
    assert tensors.entries.keys() == {"x.a.b", "x.a.b#2"}


@pytest.mark.parametrize(
    "value", [{1}, object(), 1j, np.array(["a"]), np.array([{}]), np.array([1], ">f4"), range(3)]
)
def test_what_cannot_be_written_is_refused_by_its_place(value: object) -> None:
    with pytest.raises(Refused, match=r"cannot have state.x.1 in a checkpoint: it is a "):
        encode({"x": [0, value]}, "state", Tensors())
    refusals.clear()


HEADERS = {
    "no JSON": b"{",
    "a list": b"[]",
    "a tensor beyond the end": b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}',
    "another length": b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}',
    "an unknown type": b'{"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}',
    "before the beginning": b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}',
}


@pytest.mark.parametrize("what", HEADERS)
def test_file_with_another_header_is_refused(what: str, tmp_path: Path) -> None:
    header = HEADERS[what]
    (tmp_path / "t").write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))
    with pytest.raises((ValueError, KeyError, TypeError)):
        read_tensors(tmp_path / "t")


def test_file_that_ends_in_its_header_is_refused(tmp_path: Path) -> None:
    write_tensors(tmp_path / "t", {"a": Entry(dtype="uint8", shape=(1,), content=memoryview(b"x"))})
    (tmp_path / "t").write_bytes((tmp_path / "t").read_bytes()[:20])
    with pytest.raises(ValueError, match="header is longer"):
        read_tensors(tmp_path / "t")


def test_arrays_that_others_look_at_keep_their_place() -> None:
    whole = np.zeros((4, 4), np.float32)
    target: dict[object, object] = {"left": whole[:, :2], "inner": {"w": whole[0]}, "old": 1}
    refill(target, {"inner": {"w": np.ones(4, np.float32)}, "left": np.full((4, 2), 3, np.float32), "new": 2})
    assert whole.tolist() == [[3, 3, 1, 1]] + [[3, 3, 0, 0]] * 3
    assert list(target) == ["inner", "left", "new"]


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState, random.Random])
def test_generators_go_on_where_they_were(make: type) -> None:
    one, other = make(3), make(4)
    one.random()
    held("g", other).put(held("g", one).take())
    assert other.random() == one.random()


@given(st.integers(1, 60), st.integers(0, 300))
def test_shares_are_all_steps_in_order_and_as_equal_as_can_be(count: int, more: int) -> None:
    total = count + more
    ranges = [parse_chunk(asked).steps(total) for asked in shares(count)]
    assert [step for one in ranges for step in one] == list(range(1, total + 1))
    assert {len(one) for one in ranges} <= {total // count, -(-total // count)}
    assert [parse_chunk(asked).last for asked in shares(count)] == [False] * (count - 1) + [True]


@given(st.integers(1, 60), st.integers(1, 300))
def test_lengths_are_all_steps_in_order(steps: int, total: int) -> None:
    ranges = [parse_chunk(asked).steps(None) for asked in lengths(steps, total)]
    assert [step for one in ranges for step in one] == list(range(1, total + 1))
