"""Reads the header of a safetensors file, strictly: what it says must hold of the file to the last byte.

The format: 8 bytes, little-endian, give the length of a JSON object; it gives `dtype`, `shape` and `data_offsets`
of each tensor, counted from its own end, and texts under `__metadata__`; then the elements.
"""

import itertools
import math
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from verifier.explain.elements import Kind, Run
from verifier.explain.findings import OtherKind
from verifier.schemas import parse_json

LENGTH_BYTES = 8
LARGEST_HEADER = 16 << 20
METADATA = "__metadata__"


def _kind(name: str, stored: str, mantissa: int = 0, *, opaque: bool = False) -> Kind:
    return Kind(name=name, stored=np.dtype(stored), mantissa=mantissa, opaque=opaque)


KINDS = {
    kind.name: kind
    for kind in (
        _kind("F64", "<f8", 52),
        _kind("F32", "<f4", 23),
        _kind("F16", "<f2", 10),
        _kind("BF16", "<u2", 7),
        *(
            _kind(f"{letter.upper()}{size * 8}", f"<{letter}{size}")
            for letter in "iu"
            for size in (1, 2, 4, 8)
        ),
        _kind("BOOL", "u1"),
        _kind("C64", "<c8", opaque=True),
        *(_kind(name, "u1", opaque=True) for name in ("F8_E4M3", "F8_E5M2", "F8_E8M0")),
    )
}


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """One tensor as the header has it, and where its elements are."""

    kind: Kind
    shape: tuple[int, ...]
    run: Run


@dataclass(frozen=True, kw_only=True)
class Header:
    """All of a header: tensors and metadata in the order in which they stand there."""

    tensors: dict[str, Tensor]
    metadata: dict[str, str]


def read_header(path: Path) -> Header:
    """Reads and checks the header.

    Raises:
        OtherKind: the file is no safetensors file, or its header lies.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        prefix = file.read(LENGTH_BYTES)
        length = int.from_bytes(prefix, "little")
        start = LENGTH_BYTES + length
        if len(prefix) < LENGTH_BYTES or start > size:
            raise OtherKind("the file ends before its header does")
        if length > LARGEST_HEADER:
            raise OtherKind(f"the header has {length:,} bytes, read are {LARGEST_HEADER:,}")
        text = file.read(length)
    try:
        value = parse_json(text.decode("utf-8"))
    except ValueError as error:
        raise OtherKind(f"the header is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise OtherKind("the header is no JSON object")
    metadata = _metadata(value.pop(METADATA, {}))
    tensors = {name: _tensor(path, name, entry, start) for name, entry in value.items()}
    _refuse_gaps(tensors, start, size)
    return Header(tensors=tensors, metadata=metadata)


def _metadata(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise OtherKind(f"{METADATA} is no object of texts")
    return value


def _tensor(path: Path, name: str, entry: object, start: int) -> Tensor:
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise OtherKind(f"the entry of tensor {name!r} has other fields than dtype, shape and data_offsets")
    kind = KINDS.get(entry["dtype"]) if isinstance(entry["dtype"], str) else None
    if kind is None:
        raise OtherKind(f"tensor {name!r} has the unknown dtype {entry['dtype']!r}")
    shape, offsets = _naturals(entry["shape"]), _naturals(entry["data_offsets"])
    if shape is None or offsets is None or len(offsets) != 2:
        raise OtherKind(f"shape or data_offsets of tensor {name!r} are no lists of natural numbers")
    count = math.prod(shape)
    if offsets[1] - offsets[0] != count * kind.stored.itemsize:
        raise OtherKind(f"the place of tensor {name!r} has another size than its shape and dtype give")
    return Tensor(kind=kind, shape=shape, run=Run(path=path, offset=start + offsets[0], count=count))


def _naturals(value: object) -> tuple[int, ...] | None:
    if not isinstance(value, list) or not all(type(item) is int and 0 <= item < 1 << 63 for item in value):
        return None
    return tuple(cast(list[int], value))


def _refuse_gaps(tensors: dict[str, Tensor], start: int, size: int) -> None:
    """Returns if the tensors fill all that is behind the header, each byte once."""
    places = sorted(
        (t.run.offset, t.run.offset + t.run.count * t.kind.stored.itemsize) for t in tensors.values()
    )
    borders = [(start, start), *places, (size, size)]
    for (_, end), (begin, _) in itertools.pairwise(borders):
        if begin != end:
            how = "overlap, or reach behind the end of the file" if begin < end else "leave bytes unused"
            raise OtherKind(f"the tensors {how}")
