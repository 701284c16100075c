"""Pickles: the first opcode that differs; nothing in them is ever run."""

import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.explaining import explained, spoken
from verifier.explain.findings import Fact


class Trap:
    """Whoever loads it, makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_first_opcode_is_named_with_both_arguments(tmp_path: Path) -> None:
    files = pickle.dumps({"a": 1}, protocol=4), pickle.dumps({"a": 2}, protocol=4)
    (finding,) = explained(tmp_path, *files, "x.pkl")
    assert finding.place.startswith("opcode ")
    assert finding.sentence == "BININT1 1 in the first, BININT1 2 in the second"


def test_address_in_a_text_is_seen(tmp_path: Path) -> None:
    files = [pickle.dumps(f"<A at {address}>") for address in ("0x7f00aa10b0c0", "0x7f11aa10b0c0")]
    (finding,) = explained(tmp_path, *files, "x.pkl")
    assert finding.facts == {Fact.ADDRESS}


def test_pickle_is_known_by_its_beginning(tmp_path: Path) -> None:
    assert "BININT1 2" in spoken(explained(tmp_path, pickle.dumps(1), pickle.dumps(2), "data"))


def test_pickle_is_never_run(tmp_path: Path) -> None:
    files = [pickle.dumps([Trap(tmp_path / "sprung"), number]) for number in (1, 2)]
    assert "BININT1 2" in spoken(explained(tmp_path, *files, "x.pkl"))
    assert not (tmp_path / "sprung").exists()


BROKEN = [
    b"",
    b"\xff",
    b"\x80\x04",
    b"\x80\x04\x8e" + b"\xff" * 8,  # bytes of a length that no machine has
    b"\x8b" + b"\xff\xff\xff\x7f",  # a number of two gigabytes
    b"I" + b"9" * 100_000 + b"\n.",
    b"S'\\x\n.",
    pickle.dumps(1) + b"more",
]


@pytest.mark.parametrize("content", BROKEN)
def test_broken_pickle_is_explained(content: bytes, tmp_path: Path) -> None:
    assert explained(tmp_path, pickle.dumps(1), content, "x.pkl")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pickles")


@given(st.binary(max_size=60))
def test_any_bytes_are_explained(folder: Path, content: bytes) -> None:
    assert explained(folder, b"\x80\x04" + content, b"\x80\x04" + content + b"x", "x.pkl")
