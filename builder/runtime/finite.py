"""Finds numbers that are not finite, in safetensors files and in JSON."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from safetensors import safe_open

# For each format its width, a mask, and what is left under it of a value that is not finite: all bits of the
# exponent set; in F8_E4M3 all but the sign; the FNUZ formats have but one such value, the negative zero.
NOT_FINITE = {
    "F64": (np.uint64, 0x7FF0000000000000, 0x7FF0000000000000),
    "F32": (np.uint32, 0x7F800000, 0x7F800000),
    "F16": (np.uint16, 0x7C00, 0x7C00),
    "BF16": (np.uint16, 0x7F80, 0x7F80),
    "F8_E5M2": (np.uint8, 0x7C, 0x7C),
    "F8_E4M3": (np.uint8, 0x7F, 0x7F),
    "F8_E5M2FNUZ": (np.uint8, 0xFF, 0x80),
    "F8_E4M3FNUZ": (np.uint8, 0xFF, 0x80),
    "F8_E8M0": (np.uint8, 0xFF, 0xFF),
    "C64": (np.uint32, 0x7F800000, 0x7F800000),  # two F32
}
COMPLEX = ("C64",)


def not_finite_tensors(path: Path) -> Iterator[tuple[str, int, int]]:
    """Yields name, count of values that are not finite, and count of values, of tensors that have such.

    The bits are read in place, so that formats count for which numpy has no type. The file format is given at
    https://huggingface.co/docs/safetensors: 8 bytes of length, a JSON header, then the tensors' bytes.

    Raises:
        safetensors.SafetensorError: the file is no safetensors file.
    """
    with safe_open(path, framework="np") as opened:  # checks the header and every offset
        names = sorted(opened.keys())
    with path.open("rb") as file:
        data_start = 8 + int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(data_start - 8))
    for name in names:
        start, end = header[name]["data_offsets"]
        if header[name]["dtype"] not in NOT_FINITE or start == end:
            continue
        kind, mask, left = NOT_FINITE[header[name]["dtype"]]
        values = np.memmap(path, np.uint8, "r", offset=data_start + start, shape=(end - start,)).view(kind)
        broken = (values & kind(mask)) == left
        if header[name]["dtype"] in COMPLEX:
            broken = broken.reshape(-1, 2).any(axis=1)
        if broken.any():
            yield name, int(np.count_nonzero(broken)), len(broken)


def not_finite_place(value: object, place: str = "") -> str | None:
    """Returns where in a JSON value the first number is that is not finite, as `a.b.0`; None if all are."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return None if abs(value) <= sys.float_info.max else place  # false for NaN
    if not isinstance(value, (dict, list)):
        return None
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    below = (not_finite_place(item, f"{place}.{key}".lstrip(".")) for key, item in pairs)
    return next((found for found in below if found is not None), None)
