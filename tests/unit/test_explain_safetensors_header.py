"""Headers of safetensors that lie: refused with a reason, and the file is compared as bytes."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.explaining import entry, explained, safetensors_bytes
from verifier.explain.findings import OtherKind
from verifier.explain.safetensors_header import LARGEST_HEADER, read_header

GOOD = safetensors_bytes({"w": entry("F32", [2], 0, 8)}, bytes(8))
DEEP = b'{"w":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
LIES = {
    "empty": b"",
    "truncated length": b"\1\0\0",
    "truncated data": GOOD[:-1],
    "bytes behind the data": GOOD + b"x",
    "length beyond the file": safetensors_bytes({}, length=1 << 40),
    "length of all bits": safetensors_bytes({}, length=(1 << 64) - 1),
    "no JSON": safetensors_bytes(b"{"),
    "no text": safetensors_bytes(b"\xff\xfe"),
    "no object": safetensors_bytes([]),
    "key twice": safetensors_bytes(b'{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"w":{}}'),
    "nested deeply": safetensors_bytes(DEEP),
    "entry is no object": safetensors_bytes({"w": 1}),
    "field more": safetensors_bytes({"w": {**entry("U8", [1], 0, 1), "x": 1}}, b"x"),
    "dtype unknown": safetensors_bytes({"w": entry("F31", [1], 0, 4)}, bytes(4)),
    "dtype no text": safetensors_bytes({"w": {**entry("U8", [1], 0, 1), "dtype": {}}}, b"x"),
    "dtype of another size": safetensors_bytes({"w": entry("F64", [1], 0, 4)}, bytes(4)),
    "shape of another size": safetensors_bytes({"w": entry("U8", [3], 0, 4)}, bytes(4)),
    "shape below zero": safetensors_bytes({"w": entry("U8", [-1, -4], 0, 4)}, bytes(4)),
    "shape of truth values": safetensors_bytes(
        b'{"w":{"dtype":"U8","shape":[true],"data_offsets":[0,1]}}', b"x"
    ),
    "shape enormous": safetensors_bytes({"w": entry("U8", [1 << 62] * 9, 0, 4)}, bytes(4)),
    "offsets beyond the file": safetensors_bytes({"w": entry("U8", [9], 0, 9)}, bytes(4)),
    "offsets backwards": safetensors_bytes({"w": entry("U8", [4], 4, 0)}, bytes(4)),
    "three offsets": safetensors_bytes({"w": {**entry("U8", [1], 0, 1), "data_offsets": [0, 1, 2]}}, b"x"),
    "overlap": safetensors_bytes({"a": entry("U8", [3], 0, 3), "b": entry("U8", [3], 1, 4)}, bytes(4)),
    "gap": safetensors_bytes({"a": entry("U8", [1], 0, 1), "b": entry("U8", [1], 3, 4)}, bytes(4)),
    "same place twice": safetensors_bytes(
        {"a": entry("U8", [4], 0, 4), "b": entry("U8", [4], 0, 4)}, bytes(4)
    ),
    "metadata of numbers": safetensors_bytes({"__metadata__": {"a": 1}}),
    "metadata is a list": safetensors_bytes({"__metadata__": []}),
}


@pytest.mark.parametrize("name", LIES)
def test_header_that_lies_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(LIES[name])
    with pytest.raises(OtherKind):
        read_header(tmp_path / "model")


@pytest.mark.parametrize("name", LIES)
def test_file_that_lies_is_compared_as_bytes_with_the_reason(name: str, tmp_path: Path) -> None:
    first, *_ = explained(tmp_path, GOOD, LIES[name], "model.safetensors")
    assert "(compared as plain content: " in first.sentence


def test_header_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "model").open("wb") as file:
        file.write((LARGEST_HEADER + 1).to_bytes(8, "little"))
        file.truncate(LARGEST_HEADER + 100)
    with pytest.raises(OtherKind, match="read are"):
        read_header(tmp_path / "model")


def test_good_header_is_read(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(GOOD)
    header = read_header(tmp_path / "model")
    assert header.tensors["w"].shape == (2,)
    assert header.tensors["w"].run.offset == len(GOOD) - 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("headers")


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
ENTRIES = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F32", "U8", "BF16"]) | ODD,
        "shape": st.lists(st.integers(-2, 5), max_size=3) | ODD,
        "data_offsets": st.lists(st.integers(-2, 40), min_size=2, max_size=2) | ODD,
    }
)


@given(st.dictionaries(st.text(max_size=3), ENTRIES | ODD, max_size=3), st.binary(max_size=40))
def test_whatever_is_read_lies_in_the_file(folder: Path, header: dict[str, object], data: bytes) -> None:
    (folder / "model").write_bytes(safetensors_bytes(json.dumps(header).encode(), data))
    try:
        found = read_header(folder / "model")
    except OtherKind:
        return
    sizes = [tensor.run.count * tensor.kind.stored.itemsize for tensor in found.tensors.values()]
    assert sum(sizes) == len(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_explained(folder: Path, content: bytes) -> None:
    if content != GOOD:
        assert explained(folder, GOOD, content, "model.safetensors")
