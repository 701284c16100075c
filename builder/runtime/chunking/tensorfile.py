"""A safetensors file written and read in place, for any of its types: numpy has none for some that torch has.

The format is given at https://huggingface.co/docs/safetensors: 8 bytes of length, a JSON header, the tensors'
bytes.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from builder.runtime.canonical import canonical, parse

# What numpy and torch call a type, and safetensors' word and width in bytes.
WORDS = {
    **{"bool": ("BOOL", 1), "uint8": ("U8", 1), "int8": ("I8", 1), "float64": ("F64", 8)},
    **{"uint16": ("U16", 2), "uint32": ("U32", 4), "uint64": ("U64", 8), "float32": ("F32", 4)},
    **{"int16": ("I16", 2), "int32": ("I32", 4), "int64": ("I64", 8), "float16": ("F16", 2)},
    **{"complex64": ("C64", 8), "bfloat16": ("BF16", 2)},
    **{"float8_e4m3fn": ("F8_E4M3", 1), "float8_e5m2": ("F8_E5M2", 1)},
}
WIDTHS = dict(WORDS.values())
NAMES = {word: name for name, (word, _) in WORDS.items()}
BLOCK = 1 << 22


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A tensor: numpy's or torch's name of its type, its shape, and its bytes in C order."""

    dtype: str
    shape: tuple[int, ...]
    content: memoryview


def memory_order(shape: Iterable[int], strides: Iterable[int]) -> tuple[int, ...]:
    """Returns the axes from the one whose neighbours lie farthest apart; how sums are rounded may depend on it."""
    axes = list(enumerate(zip(shape, strides, strict=True)))
    return tuple(
        axis for axis, _ in sorted(axes, key=lambda one: (-abs(one[1][1]) if one[1][0] > 1 else 0, one[0]))
    )


def write_tensors(path: Path, entries: Mapping[str, Entry]) -> tuple[int, str]:
    """Writes a file whose bytes depend on the entries alone; returns its length and its sha256 (64 hex digits)."""
    order = sorted(
        entries, key=lambda name: (-WORDS[entries[name].dtype][1], name)
    )  # so that all are aligned
    header, end = {}, 0
    for name in order:
        entry, start = entries[name], end
        end += entry.content.nbytes
        word = WORDS[entry.dtype][0]
        header[name] = {"dtype": word, "shape": list(entry.shape), "data_offsets": [start, end]}
    text = canonical(header)
    text += b" " * (-len(text) % 8)
    total = hashlib.sha256()
    parts: list[bytes | memoryview] = [len(text).to_bytes(8, "little"), text]
    with path.open("wb") as file:
        for part in [*parts, *(entries[name].content for name in order)]:
            file.write(part)
            total.update(part)
    return 8 + len(text) + end, total.hexdigest()


def sha256_of(path: Path) -> str:
    """Returns the sha256 of a file, 64 hexadecimal digits, in constant memory."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            total.update(block)
    return total.hexdigest()


def read_tensors(path: Path) -> dict[str, Entry]:
    """Returns the tensors of a file, mapped into memory; what is written into them stays out of the file.

    Raises:
        ValueError: it is no such file.
    """
    mapped = np.memmap(path, np.uint8, "c")
    start = 8 + int.from_bytes(mapped[:8].tobytes(), "little")
    if start > len(mapped):
        raise ValueError("its header is longer than the file")
    header = parse(mapped[8:start].tobytes().decode())
    if not isinstance(header, dict):
        raise ValueError("its header is no object")
    found = {}
    for name, said in header.items():
        shape, (first, end) = tuple(said["shape"]), said["data_offsets"]
        length = math.prod(shape) * WIDTHS[said["dtype"]]
        if first < 0 or end - first != length or start + end > len(mapped):
            raise ValueError(f"the tensor {name!r} is not where the header says")
        content = mapped[start + first : start + end].data
        found[name] = Entry(dtype=NAMES[said["dtype"]], shape=shape, content=content)
    return found
