"""A pickle is told by what the unpickler would do, even where it fails afterwards; held against Python's own."""

import io
import pickle
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from verifier.gate.formats import kind_of
from verifier.gate.pickles import MOST_STEPS, runs_something

CALL = b"cposix\nmkdir\n(S'%s'\ntR"
# What runs before the unpickler fails, or what it takes and pickletools does not.
BROKEN = {
    "no-stop": CALL,
    "text-behind-it": CALL + "☃ and more\n".encode(),
    "instance-without-stop": b"(S'%s'\niposix\nmkdir\n",
    "hexadecimal": b"I0x1\n0" + CALL + b".",
    "long-hexadecimal": b"L0x1L\n0" + CALL + b".",
    "not-ascii": "S'é'\n0".encode() + CALL + b".",
    "behind-a-mark-that-is-taken-back": b"(0" + CALL,
    "behind-a-megabyte": b"S'" + b"x" * (2 << 20) + b"'\n0" + CALL,
}
TEXTS = [
    b"cat\ndog\nhorse\n",
    b"cat\ndog\nRat\n",
    b"class Network:\n    pass\n",
    b"import os\nimport sys\n",
    b"(c) 2024 Acme\nAll rights reserved.\nRead the licence.\n",
    b"(in the\nbeginning)\nother words\n",
    b"Xenon\n",
    b"Please\nread.\n",
]


def kind(content: bytes, tmp_path: Path) -> str:
    path = tmp_path / "file"
    path.write_bytes(content)
    return kind_of(path)


@pytest.mark.parametrize("name", BROKEN)
def test_what_runs_and_then_fails_is_a_pickle(name: str, tmp_path: Path) -> None:
    made = tmp_path / "made"
    content = BROKEN[name].replace(b"%s", str(made).encode())
    with suppress(pickle.UnpicklingError, EOFError):
        pickle.loads(content, encoding="latin1")
    assert made.exists(), "the example does not run"
    assert kind(content, tmp_path) == "pickle"


@pytest.mark.parametrize("text", TEXTS)
def test_text_that_begins_with_opcodes_stays_text(text: bytes, tmp_path: Path) -> None:
    assert kind(text, tmp_path) == "text"


@pytest.mark.parametrize("length", [*range(80, 1500, 8), 0x010280])
def test_no_length_of_a_header_makes_a_pickle_of_safetensors(length: int, tmp_path: Path) -> None:
    tensor = np.arange(6, dtype=np.float32)
    shortest = int.from_bytes(save({"w": tensor}, {"about": ""})[:8], "little")
    content = save({"w": tensor}, {"about": "x" * max(0, length - shortest)})
    if length >= shortest + 8:
        assert abs(int.from_bytes(content[:8], "little") - length) <= 8
    assert kind(content, tmp_path) == "safetensors"


def test_header_whose_length_reads_as_a_protocol(tmp_path: Path) -> None:
    for protocol in range(2, 6):
        length = int.from_bytes(bytes([0x80, protocol]), "little")
        header = b'{"__metadata__":{"about":"%s"}}'
        content = length.to_bytes(8, "little") + header.replace(b"%s", b"x" * (length - len(header) + 2))
        assert kind(content, tmp_path) == "safetensors"
        assert kind(content + b"\0", tmp_path) == "pickle"


def test_pickle_that_begins_as_the_length_of_a_header_is_found(tmp_path: Path) -> None:
    """The length is read as protocol 2 and a number of eight bytes; a call stands behind it."""
    start, name = bytes([0x80, 0x02, ord("G"), 0, 0, 0, 0, 0]), b"cposix\nmkdir\n)R"
    length = int.from_bytes(start, "little")
    header = b'{"a' + name
    content = start + header + b" " * (length - len(header))
    assert kind(content, tmp_path) == "pickle"


@pytest.mark.parametrize("unit", [b"(", b"N", b"]", b"I1\n0"])
def test_endless_opcodes_cost_little_and_are_no_text(unit: bytes, tmp_path: Path) -> None:
    assert kind(unit * (MOST_STEPS + 1), tmp_path) == "pickle"


@pytest.mark.parametrize("opcode", [b"\x8d", b"\x8e", b"\x96"])
def test_stated_length_is_not_believed(opcode: bytes, tmp_path: Path) -> None:
    assert kind(opcode + b"\xff" * 7 + b"\x3f" + b"text", tmp_path) == "binary"


class Ran(Exception):
    """Something was called that was found by its name."""


class Trap:
    """Whatever is found by its name."""

    def __new__(cls, *_: object, **__: object) -> "Trap":
        raise Ran

    @staticmethod
    def __setstate__(_: object) -> None:
        raise Ran


class Trapped(pickle.Unpickler):
    def find_class(self, _module: str, _name: str) -> type:
        return Trap


PIECES = [
    *(b"(", b"0", b"1", b"2", b"N", b"t", b")", b"R", b"b", b"o", b"]", b"a", b"}", b"s", b"u", b"e", b"."),
    *(b"cm\nf\n", b"im\nf\n", b"I0x1\n", b"S'x'\n", b"Vx\n", b"U\x01x", b"X\x01\0\0\0x", b"\x8c\x01m", b"d"),
    *(
        b"p0\n",
        b"g0\n",
        b"q\x01",
        b"h\x01",
        b"\x94",
        b"\x93",
        b"\x81",
        b"\x92",
        b"\x85",
        b"\x86",
        b"\x80\x04",
    ),
]

# All ways to call something: the property below is about nothing if these do not run.
CALLS = [
    *(b"cm\nf\n)R", b"cm\nf\n)\x81", b"cm\nf\n)}\x92", b"cm\nf\nNb", b"(cm\nf\no", b"(im\nf\n"),
    *(b"\x8c\x01m\x8c\x01f\x93)R", b"cm\nf\nq\x010)h\x01NbR", b"cm\nf\n\x940)h\0NbR", b"cm\nf\n2)R"),
]


def runs(content: bytes) -> bool:
    """Returns whether Python's own unpickler calls what it finds by name."""
    try:
        Trapped(io.BytesIO(content)).load()
    except Ran:
        return True
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, IndexError, KeyError):
        return False
    return False


@settings(max_examples=2000, deadline=None)
@given(before=st.lists(st.sampled_from(PIECES), max_size=8), call=st.sampled_from(CALLS))
def test_whatever_the_unpickler_runs_is_found(before: list[bytes], call: bytes) -> None:
    content = b"".join(before) + call
    assert not runs(content) or runs_something(io.BytesIO(content))


@pytest.mark.parametrize("call", CALLS)
def test_each_way_to_call_is_one(call: bytes) -> None:
    assert runs(call)
    assert runs_something(io.BytesIO(call))
