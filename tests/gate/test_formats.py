"""Kinds of files by their content: what is allowed is known for certain, and a pickle is found in any wrapping."""

import bz2
import gzip
import io
import lzma
import pickle
import subprocess
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from verifier.gate.formats import KINDS, format_faults, kind_of, kinds_of, pickle_faults
from verifier.signing.tree import read_tree

TENSORS = save({"w": np.arange(6, dtype=np.float32)})


class Evil:
    """What runs a program when it is loaded."""

    def __reduce__(self) -> tuple:
        return subprocess.call, (["true"],)


def kind(content: bytes, tmp_path: Path) -> str:
    path = tmp_path / "file"
    path.write_bytes(content)
    return kind_of(path)


def zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("first.txt", "harmless")
        archive.writestr(name, content)
    return buffer.getvalue()


def saved(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def arrays(**named: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **named)
    return buffer.getvalue()


OBJECTS = np.array([Evil()], dtype=object)
RECORDS = np.array([(1, Evil())], dtype=[("n", "i4"), ("o", "O")])
PICKLES = {
    **{f"protocol-{n}": pickle.dumps(Evil(), protocol=n) for n in range(pickle.HIGHEST_PROTOCOL + 1)},
    "by-hand": b"cos\nsystem\n(S'true'\ntR.",
    "by-hand-with-a-tail": b"cos\nsystem\n(S'true'\ntR.\n\nand some text behind it\n",
    "without-an-end": b"cos\nsystem\n(S'true'\ntR",
    "instance-without-an-end": b"(S'true'\nios\nsystem\nand text",
    "object-without-an-end": b"(cos\nsystem\nS'true'\no",
    "state-without-an-end": b"csomewhere\nsomething\n}b",
    "number-to-another-base": b"I0x10\n0cos\nsystem\n(S'true'\ntR.",
    "long-to-another-base": b"L0x10L\n0cos\nsystem\n(S'true'\ntR.",
    "letters-of-latin": b"S'\\xff'\n0cos\nsystem\n(S'true'\ntR.",
    "instance": b"(S'true'\nios\nsystem\n.",
    "persistent": b"Psomebody\n.",
    "behind-much-text": b"S'" + b"x" * (2 << 20) + b"'\n0cos\nsystem\n(S'true'\ntR.",
    "torch": zipped("archive/data.pkl", pickle.dumps(Evil())),
    "torch-deflated": zipped("archive/data.pkl", pickle.dumps(Evil(), protocol=0)),
    "npy": saved(OBJECTS),
    "npy-records": saved(RECORDS),
    "npz": arrays(a=np.zeros(3), b=OBJECTS),
    "gzip": gzip.compress(pickle.dumps(Evil())),
    "bzip2": bz2.compress(pickle.dumps(Evil(), protocol=1)),
    "xz": lzma.compress(pickle.dumps(Evil())),
    "zlib": zlib.compress(pickle.dumps(Evil())),
}


@pytest.mark.parametrize("name", PICKLES)
def test_pickle_is_found(name: str, tmp_path: Path) -> None:
    assert kind(PICKLES[name], tmp_path) == "pickle"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (TENSORS, "safetensors"),
        (TENSORS + b"\0", "binary"),
        (TENSORS[:-1], "binary"),
        (b'{"a": 1}', "json"),
        (b"[1, 2", "text"),
        (b"import os\nos.system('true')\n", "text"),
        (b"N.", "text"),
        (b"(c) 2026 somebody\nall rights\nof all", "text"),
        (b"(in German)\nnothing\n", "text"),
        (b"id,label\n1,cat\n", "text"),
        (b"", "text"),
        ("Grüße\n".encode(), "text"),
        ("Grüße\n".encode("latin-1"), "binary"),
        (b"text with a \0", "binary"),
        (saved(np.zeros(3)), "npy"),
        (zipped("a.txt", b"harmless"), "zip"),
        (gzip.compress(b"harmless"), "gzip"),
        (b"PK\x03\x04 and then no zip", "zip"),
        (b"\x7fELF\0", "elf"),
    ],
)
def test_other_kinds_are_told(content: bytes, expected: str, tmp_path: Path) -> None:
    assert kind(content, tmp_path) == expected


def test_text_of_more_than_64_mib_is_no_document(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        for _ in range(65):
            file.write(b"text\n" * ((1 << 20) // 5))
            file.write(b"\n" * ((1 << 20) % 5))
    assert kind_of(path) == "binary"


def test_bomb_costs_little(tmp_path: Path) -> None:
    """Of what is packed a megabyte is looked at, whatever it becomes."""
    assert kind(gzip.compress(bytes(200 << 20), 9), tmp_path) == "gzip"


@given(content=st.binary(max_size=200))
def test_nothing_breaks_it(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert kind(content, tmp_path_factory.getbasetemp()) in KINDS


def bundle(tmp_path: Path, **files: bytes) -> Path:
    for name, content in files.items():
        path = tmp_path / name.replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return tmp_path


def faults(folder: Path, *allowed: str) -> list[str]:
    kinds = kinds_of(folder, read_tree(folder))
    return [*pickle_faults(kinds), *format_faults(kinds, allowed)]


def test_what_is_allowed_has_no_fault(tmp_path: Path) -> None:
    folder = bundle(tmp_path, weights__w=TENSORS, **{"m.json": b"{}", "code__x.py": b"x = 1\n"})
    assert faults(folder, "safetensors", "json", "text") == []


def test_each_other_file_is_named_with_its_kind(tmp_path: Path) -> None:
    folder = bundle(tmp_path, weights__w=TENSORS, **{"m.json": b"{}", "x.py": b"x = 1\n"})
    assert faults(folder, "safetensors") == ["m.json is json", "x.py is text"]
    assert len(faults(folder)) == 3


def test_weights_must_be_safetensors_whatever_is_allowed(tmp_path: Path) -> None:
    folder = bundle(tmp_path, weights__w=b"{}")
    assert faults(folder, "json") == ["weights/w is json, and weights must be safetensors"]


def test_pickle_is_never_allowed(tmp_path: Path) -> None:
    folder = bundle(tmp_path, notes=PICKLES["by-hand"])
    assert faults(folder, "pickle", "text", "binary") == ["notes is a pickle"]
