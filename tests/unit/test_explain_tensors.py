"""Tensors: which differ, where, by how much, and whether that looks like rounding; in constant memory."""

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from tests.unit.explaining import entry, explained, safetensors_bytes, spoken
from verifier.explain.elements import Kind, Run, gap
from verifier.explain.findings import Fact, Finding, OtherKind
from verifier.explain.safetensors_header import KINDS

WEIGHTS = np.linspace(0.1, 2, 60, dtype=np.float32).reshape(4, 15)


def between(folder: Path, first: np.ndarray, second: np.ndarray) -> list[Finding]:
    return explained(folder, save({"w": first}), save({"w": second}), "model.safetensors")


def test_first_index_and_both_values_are_named(tmp_path: Path) -> None:
    other = WEIGHTS.copy()
    other[2, 7], other[3, 1] = 5.0, 6.0
    (finding,) = between(tmp_path, WEIGHTS, other)
    assert finding.place == "tensor 'w'"
    assert "2 of 60 elements differ, first at [2, 7]: 1.2915255 and 5.0; " in finding.sentence


def test_index_beyond_the_first_chunk_is_right(tmp_path: Path) -> None:
    first = np.zeros((3, 200_000), np.float32)
    second = first.copy()
    second[2, 199_999] = 1
    assert "first at [2, 199999]: 0.0 and 1.0" in spoken(between(tmp_path, first, second))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_neighbour_is_one_unit_away(dtype: type, tmp_path: Path) -> None:
    first = np.array([1.0], dtype)
    (finding,) = between(tmp_path, first, np.nextafter(first, dtype(2)))
    assert ", 1 ULP: looks like rounding" in finding.sentence
    assert finding.facts == {Fact.ROUNDING}


def test_units_are_counted_through_zero(tmp_path: Path) -> None:
    tiny = np.array([1e-45], np.float32)
    assert ", 3 ULP" in spoken(between(tmp_path, -tiny, tiny))


def test_zeros_of_two_signs_differ_by_a_unit(tmp_path: Path) -> None:
    (finding,) = between(tmp_path, np.array([0.0]), np.array([-0.0]))
    assert "largest difference 0 absolute, 0 relative, 1 ULP" in finding.sentence


@pytest.mark.parametrize(("ulps", "fact"), [(1024, Fact.ROUNDING), (1025, Fact.VALUES)])
def test_rounding_ends_at_1024_units(ulps: int, fact: Fact, tmp_path: Path) -> None:
    first = np.array([1.0], np.float32)
    second = (first.view(np.int32) + np.int32(ulps)).view(np.float32)
    (finding,) = between(tmp_path, first, second)
    assert finding.facts == {fact}


@pytest.mark.parametrize(("apart", "fact"), [(1e-6, Fact.ROUNDING), (1e-4, Fact.VALUES)])
def test_cancelled_sum_is_held_against_the_largest_element(apart: float, fact: Fact, tmp_path: Path) -> None:
    first = np.array([1.0, 0.0], np.float32)
    (finding,) = between(tmp_path, first, first + np.array([0, apart], np.float32))
    assert finding.facts == {fact}


def test_nan_in_one_is_no_rounding(tmp_path: Path) -> None:
    other = WEIGHTS.copy()
    other[0, 0] = np.nan
    (finding,) = between(tmp_path, WEIGHTS, other)
    assert finding.facts == {Fact.VALUES, Fact.NOT_FINITE}
    assert "1 are NaN or infinite" in finding.sentence


def test_whole_numbers_are_never_rounding(tmp_path: Path) -> None:
    (finding,) = between(tmp_path, np.array([2**40]), np.array([2**40 + 1]))
    assert finding.facts == {Fact.VALUES}
    assert "ULP" not in finding.sentence


def test_bfloat16_is_read_by_its_value(tmp_path: Path) -> None:
    header = {"w": entry("BF16", [2], 0, 4)}
    files = [
        safetensors_bytes(header, bits.tobytes())
        for bits in (np.array([0x3F80, 0], "<u2"), np.array([0x3F81, 0], "<u2"))
    ]
    (finding,) = explained(tmp_path, *files, "model.safetensors")
    assert "first at [0]: 1 and 1.008; largest difference 0.00781 absolute" in finding.sentence
    assert "1 ULP: looks like rounding" in finding.sentence


def test_other_shape_and_dtype_are_named(tmp_path: Path) -> None:
    said = spoken(between(tmp_path, WEIGHTS, WEIGHTS.reshape(15, 4).astype(np.float64)))
    assert said == "tensor 'w': F32 [4, 15] in the first, F64 [15, 4] in the second"


def test_tensor_in_one_only_is_named(tmp_path: Path) -> None:
    files = save({"a": WEIGHTS, "b": WEIGHTS}), save({"a": WEIGHTS, "c": WEIGHTS})
    said = spoken(explained(tmp_path, *files, "model.safetensors"))
    assert said == "tensor 'b': in the first only\ntensor 'c': in the second only"


def test_name_without_end_is_cut(tmp_path: Path) -> None:
    files = save({"a" * 100_000: WEIGHTS}), save({"b": WEIGHTS})
    first, _ = explained(tmp_path, *files, "model.safetensors")
    assert first.place.endswith("more characters)")
    assert len(first.place) < 300


def test_file_that_becomes_shorter_is_said(tmp_path: Path) -> None:
    run = sparse(tmp_path / "a", 0, 9, b"1234")
    with pytest.raises(OtherKind, match="became shorter"):
        gap(run, replace(run, count=10), KINDS["F32"])


def metadata(**texts: str) -> bytes:
    return safetensors_bytes({"__metadata__": texts, "w": entry("U8", [1], 0, 1)}, b"x")


def test_metadata_that_differs_is_named(tmp_path: Path) -> None:
    said = spoken(explained(tmp_path, metadata(a="1"), metadata(a="2"), "model.safetensors"))
    assert said == "metadata 'a': '1' in the first, '2' in the second"


def test_same_metadata_in_another_order_is_said(tmp_path: Path) -> None:
    (finding,) = explained(tmp_path, metadata(a="1", b="2"), metadata(b="2", a="1"), "model.safetensors")
    assert finding.facts == {Fact.METADATA_ORDER}


def test_same_tensors_in_another_place_are_said(tmp_path: Path) -> None:
    first = safetensors_bytes({"a": entry("U8", [1], 0, 1), "b": entry("U8", [1], 1, 2)}, b"ab")
    second = safetensors_bytes({"a": entry("U8", [1], 1, 2), "b": entry("U8", [1], 0, 1)}, b"ba")
    (finding,) = explained(tmp_path, first, second, "model.safetensors")
    assert finding.facts == {Fact.LAYOUT}
    assert finding.sentence == "the tensors lie in another order in the file"


def test_header_with_other_spaces_is_no_other_tensor(tmp_path: Path) -> None:
    header = b'{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}'
    files = safetensors_bytes(header, b"x"), safetensors_bytes(header + b"  ", b"x")
    (finding,) = explained(tmp_path, *files, "model.safetensors")
    assert "what is in them is equal" in finding.sentence
    assert finding.facts == {Fact.LAYOUT}


def sparse(path: Path, offset: int, count: int, last: bytes) -> Run:
    with path.open("wb") as file:
        file.seek(offset + (count - 1) * 4)
        file.write(last)
    return Run(path=path, offset=offset, count=count)


@pytest.mark.parametrize(("offset", "count"), [(0, 1 << 26), ((5 << 30) + 3, 1 << 20)])
def test_large_file_is_compared_in_little_memory(offset: int, count: int, tmp_path: Path) -> None:
    lasts = {"a": b"\0\0\x80\x3f", "b": b"\1\0\x80\x3f"}
    runs = [sparse(tmp_path / name, offset, count, last) for name, last in lasts.items()]
    tracemalloc.start()
    found = gap(*runs, KINDS["F32"])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found is not None
    assert (found.count, found.first_index, found.largest_units) == (1, count - 1, 1)
    assert peak < 32 << 20


@pytest.mark.parametrize(("name", "units"), [("F64", 1024), ("F32", 1024), ("F16", 16), ("BF16", 4)])
def test_units_of_rounding_follow_the_precision(name: str, units: int) -> None:
    kind: Kind = KINDS[name]
    assert kind.units_of_rounding == units
