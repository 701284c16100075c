"""Of which kind every file of a bundle is, by its content; a name says nothing.

Allowed is what is named, and known for certain: safetensors to its last byte, JSON, text. A pickle runs code when
it is loaded; it is told from the others so that it can be called by its name, and it is never allowed.
"""

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import BufferedIOBase, BytesIO
from pathlib import Path

from verifier.bundle import WEIGHTS
from verifier.explain.findings import OtherKind
from verifier.explain.safetensors_header import read_header
from verifier.gate.pickles import is_marked, runs_something
from verifier.schemas import parse_json

SAFETENSORS, JSON, TEXT, PICKLE, BINARY = "safetensors", "json", "text", "pickle", "binary"
# What is larger is no document: text is read whole.
LARGEST_DOCUMENT = 64 << 20
# As much as is looked at of what may be a pickle, packed or not.
PROBED_BYTES = 1 << 20
MOST_MEMBERS = 1000
MAGIC = {
    b"PK\x03\x04": "zip",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x93NUMPY": "npy",
    b"\x89HDF": "hdf5",
    b"\x7fELF": "elf",
    b"\x89PNG": "png",
    b"GGUF": "gguf",
    b"ustar": "tar",
}
# All that `kind_of` gives.
KINDS = {SAFETENSORS, JSON, TEXT, PICKLE, BINARY, *MAGIC.values()}
UNPACKERS: Mapping[str, Callable[[Path], BufferedIOBase]] = {
    "gzip": gzip.GzipFile,
    "bzip2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
}
BROKEN = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


def kinds_of(folder: Path, files: Iterable[str]) -> dict[str, str]:
    """Returns the kind of each file (paths below `folder`).

    Raises:
        OSError: a file cannot be read.
    """
    return {path: kind_of(folder / path) for path in files}


def pickle_faults(kinds: Mapping[str, str]) -> list[str]:
    """Returns a sentence for each pickle."""
    return [f"{path} is a pickle" for path, kind in kinds.items() if kind == PICKLE]


def format_faults(kinds: Mapping[str, str], allowed: Sequence[str]) -> list[str]:
    """Returns a sentence for each other file that is not allowed; weights must be safetensors in any case."""
    faults = []
    for path, kind in kinds.items():
        if kind == PICKLE:
            continue
        if path.startswith(WEIGHTS) and kind != SAFETENSORS:
            faults.append(f"{path} is {kind}, and weights must be {SAFETENSORS}")
        elif kind not in allowed:
            faults.append(f"{path} is {kind}")
    return faults


def kind_of(path: Path) -> str:
    """Returns the kind of a plain file; `binary` is all that is not known.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        beginning = file.read(PROBED_BYTES)
        runs = runs_something(file)
    magic = next((kind for sign, kind in MAGIC.items() if beginning.startswith(sign)), None)
    if beginning[257:262] == b"ustar":
        magic = "tar"
    if runs or _packs_pickle(path, beginning, magic):
        return PICKLE
    if magic is not None:
        return magic
    if _is_safetensors(path):  # asked first: the length of a header can be what a pickle begins with
        return SAFETENSORS
    return PICKLE if is_marked(beginning) else _kind_of_document(path)


def _is_safetensors(path: Path) -> bool:
    try:
        read_header(path)
    except OtherKind:
        return False
    return True


def _kind_of_document(path: Path) -> str:
    """Tells JSON and text, which are read whole, from the rest."""
    with path.open("rb") as file:
        content = file.read(LARGEST_DOCUMENT + 1)
    if len(content) > LARGEST_DOCUMENT or b"\0" in content:
        return BINARY
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return BINARY
    try:
        parse_json(text)
    except ValueError:
        return TEXT
    return JSON


def _packs_pickle(path: Path, beginning: bytes, magic: str | None) -> bool:
    if magic == "npy":
        return _is_pickled_array(beginning)
    if magic == "zip":
        return any(map(_is_pickled, _members(path)))
    if magic in UNPACKERS:
        return any(map(_is_pickled, _unpacked(path, str(magic))))
    return beginning[:1] == b"x" and any(map(_is_pickled, _inflated(beginning)))


def _is_pickled(content: bytes) -> bool:
    if content.startswith(b"\x93NUMPY"):
        return _is_pickled_array(content)
    return is_marked(content) or runs_something(BytesIO(content))


def _is_pickled_array(content: bytes) -> bool:
    """Returns whether numpy needs pickle for it: its header has the type `O`, alone or in a record."""
    header = content[:PROBED_BYTES].split(b"\n", 1)[0]
    return b"|O" in header or b"'O'" in header


def _members(path: Path) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist()[:MOST_MEMBERS]:
                with archive.open(info) as member:
                    yield member.read(PROBED_BYTES)
    except BROKEN:
        return


def _unpacked(path: Path, kind: str) -> Iterator[bytes]:
    try:
        with UNPACKERS[kind](path) as file:
            yield file.read(PROBED_BYTES)
    except BROKEN:
        return


def _inflated(beginning: bytes) -> Iterator[bytes]:
    try:
        yield zlib.decompressobj().decompress(beginning, PROBED_BYTES)
    except zlib.error:
        return
