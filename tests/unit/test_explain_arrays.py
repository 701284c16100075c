"""npy and npz: elements, headers that lie, and objects, which are never loaded."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.explaining import explained, make_pair, spoken
from verifier.explain.arrays import read_array
from verifier.explain.findings import Fact, OtherKind


def npy(array: np.ndarray, *, allow_pickle: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=allow_pickle)
    return file.getvalue()


GRID = np.arange(12, dtype=np.float64).reshape(3, 4)
GOOD = npy(GRID)


def changed(array: np.ndarray) -> np.ndarray:
    other = array.copy(order="K")
    other[1, 2] = 99
    return other


@pytest.mark.parametrize("array", [GRID, np.asfortranarray(GRID), GRID.astype(">f4"), GRID.astype("i1")])
def test_index_of_the_first_difference_is_named(array: np.ndarray, tmp_path: Path) -> None:
    said = spoken(explained(tmp_path, npy(array), npy(changed(array)), "x.npy"))
    assert "1 of 12 elements differs, first at [1, 2]: 6" in said


def test_big_endian_neighbour_is_one_unit_away(tmp_path: Path) -> None:
    files = [npy(np.array([value], ">f4")) for value in (1.0, np.nextafter(np.float32(1), np.float32(2)))]
    assert ", 1 ULP" in spoken(explained(tmp_path, *files, "x.npy"))


def test_other_order_in_memory_is_named(tmp_path: Path) -> None:
    (finding,) = explained(tmp_path, GOOD, npy(np.asfortranarray(GRID)), "x.npy")
    assert finding.facts == {Fact.LAYOUT}


def test_other_dtype_is_named(tmp_path: Path) -> None:
    said = spoken(explained(tmp_path, GOOD, npy(GRID.astype("<f4")), "x.npy"))
    assert said == ": <f8 [3, 4] in the first, <f4 [3, 4] in the second"


def test_elements_of_an_odd_kind_are_counted(tmp_path: Path) -> None:
    files = npy(np.array(["a", "b"])), npy(np.array(["a", "c"]))
    assert "1 of 2 elements differs, first at [1]" in spoken(explained(tmp_path, *files, "x.npy"))


class Trap:
    """Whoever loads it, makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_objects_are_never_loaded(tmp_path: Path) -> None:
    trap = npy(np.array([Trap(tmp_path / "sprung"), 1], object), allow_pickle=True)
    other = npy(np.array([Trap(tmp_path / "sprung"), 2], object), allow_pickle=True)
    first, *_ = explained(tmp_path, trap, other, "x.npy")
    assert "Python objects, which are never loaded" in first.sentence
    assert not (tmp_path / "sprung").exists()


def with_header(text: str, data: bytes = b"") -> bytes:
    header = text.encode("latin-1")
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + data


LIES = {
    "empty": b"",
    "magic alone": b"\x93NUMPY",
    "version unknown": GOOD.replace(b"NUMPY\x01", b"NUMPY\x09"),
    "truncated header": GOOD[:20],
    "truncated data": GOOD[:-1],
    "bytes behind the data": GOOD + b"x",
    "no dictionary": with_header("[]\n"),
    "no Python": with_header("{'descr\n"),
    "nested deeply": with_header("(" * 9000 + "\n"),
    "signs without end": with_header("-" * 9000 + "1\n"),
    "attributes without end": with_header("a" + ".a" * 4500 + "\n"),
    "unknown dtype": with_header("{'descr': '<f3', 'fortran_order': False, 'shape': (1,), }\n", b"abc"),
    "shape below zero": with_header("{'descr': '|u1', 'fortran_order': False, 'shape': (-1,-1), }\n", b"x"),
    "shape of truth values": with_header(
        "{'descr': '|u1', 'fortran_order': False, 'shape': (True,), }\n", b"x"
    ),
    "shape enormous": with_header(
        f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({1 << 70},), }}\n", b"x"
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_header_that_lies_is_refused_with_a_reason(name: str, tmp_path: Path) -> None:
    pair = make_pair(tmp_path, GOOD, LIES[name], "x.npy")
    with pytest.raises(OtherKind):
        read_array(pair.second)
    first, *_ = explained(tmp_path, GOOD, LIES[name], "x.npy")
    assert "(compared as plain content: " in first.sentence


def test_array_in_npz_is_named(tmp_path: Path) -> None:
    files = []
    for array in (GRID, changed(GRID)):
        file = io.BytesIO()
        np.savez_compressed(file, w=array, same=GRID)
        files.append(file.getvalue())
    (finding,) = explained(tmp_path, *files, "x.npz")
    assert finding.path == "x.npz!w.npy"
    assert "first at [1, 2]" in finding.sentence


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("arrays")


@given(st.text(st.characters(max_codepoint=255), max_size=80), st.binary(max_size=9))
def test_any_header_is_explained(folder: Path, text: str, data: bytes) -> None:
    assert explained(folder, GOOD, with_header(text, data), "x.npy")
