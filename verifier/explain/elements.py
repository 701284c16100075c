"""Two runs of elements in two files, compared in constant memory: where, how many, how far apart.

A unit in the last place (ULP) is counted on the bits: the floating-point numbers of a width, put in order, are
neighbours one unit apart, and the two zeros are neighbours too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from verifier.explain.findings import OtherKind

# numpy's own stubs say `Any` of what kind of numbers a generic one is.
DType: TypeAlias = "np.dtype[np.generic]"  # type: ignore[explicit-any]
Values: TypeAlias = "np.ndarray[tuple[int, ...], DType]"
Floats: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"
Units: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.uint64]]"

CHUNK_ELEMENTS = 1 << 18


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A type of elements: `stored` is how the bytes are read, little-endian or not; `mantissa` as stored, in bits.

    bfloat16, which numpy lacks, is stored as uint16. Without a mantissa it is no floating-point number; an
    `opaque` kind has no values to subtract, only bytes.
    """

    name: str
    stored: DType
    mantissa: int = 0
    opaque: bool = False

    @property
    def units_of_rounding(self) -> int:
        """The most units in the last place that still look like rounding: 1024, 16 for float16, 4 for bfloat16."""
        return 1 << min(10, self.mantissa // 2 - 1)


@dataclass(frozen=True, kw_only=True)
class Run:
    """Where elements lie: in a file, from a byte on."""

    path: Path
    offset: int
    count: int


@dataclass(frozen=True, kw_only=True)
class Gap:
    """How two runs differ; `largest_units` is None where there are none, the other two where nothing is finite."""

    count: int
    first_index: int
    first_values: tuple[str, str]
    absolute: float | None
    relative: float | None
    largest_units: int | None
    not_finite: int
    rounding: bool


def gap(first: Run, second: Run, kind: Kind) -> Gap | None:
    """Returns how the elements of two runs of one length differ; None where all bits are equal."""
    tally = _Tally(kind)
    start = 0
    for left, right in zip(chunks(first, kind), chunks(second, kind), strict=True):
        if left != right:
            tally.add(start, np.frombuffer(left, kind.stored), np.frombuffer(right, kind.stored))
        start += len(left) // kind.stored.itemsize
    largest = max(_largest(run, kind) for run in (first, second)) if tally.stray else 0.0
    return tally.result(largest)


def chunks(run: Run, kind: Kind) -> Iterator[bytes]:
    """Yields the bytes of a run, some elements at a time.

    Raises:
        OtherKind: the file ends before the run does.
    """
    size = kind.stored.itemsize
    with run.path.open("rb") as file:
        file.seek(run.offset)
        for start in range(0, run.count, CHUNK_ELEMENTS):
            wanted = min(CHUNK_ELEMENTS, run.count - start) * size
            content = file.read(wanted)
            if len(content) < wanted:
                raise OtherKind("the file became shorter while it was read")
            yield content


def _largest(run: Run, kind: Kind) -> float:
    """Returns the magnitude of the largest element that is finite."""
    largest = 0.0
    for chunk in chunks(run, kind):
        values = np.abs(values_of(np.frombuffer(chunk, kind.stored), kind))
        largest = max(largest, float(values.max(where=np.isfinite(values), initial=0.0)))
    return largest


class _Tally:
    """What is known of all chunks so far."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.count = self.units = self.not_finite = 0
        self.first_index = 0
        self.first_values = ("", "")
        self.finite = False
        self.absolute = self.relative = self.stray = 0.0

    def add(self, start: int, a: Values, b: Values) -> None:
        different = np.flatnonzero(bits_of(a) != bits_of(b))
        a, b = a[different], b[different]
        if not self.count:
            self.first_index = start + int(different[0])
            self.first_values = element_text(a[:1], self.kind), element_text(b[:1], self.kind)
        self.count += len(different)
        if not self.kind.opaque:
            self._measure(a, b)

    def _measure(self, a: Values, b: Values) -> None:
        left, right = values_of(a, self.kind), values_of(b, self.kind)
        both = np.isfinite(left) & np.isfinite(right)
        self.not_finite += int(np.count_nonzero(~both))
        with np.errstate(all="ignore"):
            apart = np.abs(left - right)[both]
            larger = np.maximum(np.abs(left), np.abs(right))[both]
            relative = np.divide(apart, larger, out=np.zeros_like(apart), where=larger > 0)
        if len(apart):
            self.finite = True
            self.absolute = max(self.absolute, float(apart.max()))
            self.relative = max(self.relative, float(relative.max()))
        if self.kind.mantissa and len(apart):
            units = _units(a, b)[both]
            self.units = max(self.units, int(units.max()))
            far = apart[units > self.kind.units_of_rounding]
            self.stray = max(self.stray, float(far.max()) if len(far) else 0.0)

    def result(self, largest: float) -> Gap | None:
        if not self.count:
            return None
        return Gap(
            count=self.count,
            first_index=self.first_index,
            first_values=self.first_values,
            absolute=self.absolute if self.finite else None,
            relative=self.relative if self.finite else None,
            largest_units=self.units if self.finite and self.kind.mantissa else None,
            not_finite=self.not_finite,
            rounding=self._rounding(largest),
        )

    def _rounding(self, largest: float) -> bool:
        """Each difference is a few units of its own element; or of the tensor's largest, where a sum cancelled."""
        if not self.kind.mantissa or self.not_finite or not self.finite:
            return False
        of_largest = max(1, self.kind.units_of_rounding // 64) * 2.0**-self.kind.mantissa
        return self.stray <= of_largest * largest


def values_of(array: Values, kind: Kind) -> Floats:
    """Returns elements as binary64; of integers beyond 2⁵³ the nearest."""
    if kind.name == "BF16":
        return (array.astype(np.uint32) << np.uint32(16)).view(np.float32).astype(np.float64)
    return array.astype(np.float64)


def element_text(one: Values, kind: Kind) -> str:
    """Returns an element with all digits that it takes to give back its bits."""
    if kind.opaque:
        return one.tobytes().hex()
    if kind.name == "BF16":
        return f"{values_of(one, kind)[0]:.4g}"
    return str(one[0])


def bits_of(array: Values) -> Values:
    """Returns elements so that they are equal where their bits are."""
    size = array.dtype.itemsize
    if size in (1, 2, 4, 8):
        return array.view(f"u{size}")
    return array.view(np.dtype((np.void, size)))


def _units(a: Values, b: Values) -> Units:
    left, right = _ordered(a), _ordered(b)
    return np.maximum(left, right) - np.minimum(left, right)


def _ordered(array: Values) -> Units:
    """Returns the place of each number in the order of all numbers of its width."""
    width = array.dtype.itemsize * 8
    native = array.astype(array.dtype.newbyteorder("="), copy=False)
    bits = native.view(f"u{width // 8}").astype(np.uint64)
    sign = np.uint64(1 << (width - 1))
    return np.where(bits & sign, ~bits & np.uint64((1 << width) - 1), bits | sign)


def sentence_of(difference: Gap, size: int, place: str) -> str:
    """Returns a difference in words; `size` is how many elements there are, `place` the index of the first."""
    a, b = difference.first_values
    verb = "differs" if difference.count == 1 else "differ"
    parts = [f"{difference.count:,} of {size:,} elements {verb}, first at {place}: {a} and {b}"]
    if difference.absolute is not None and difference.relative is not None:
        measured = (
            f"largest difference {difference.absolute:.3g} absolute, {difference.relative:.3g} relative"
        )
        if difference.largest_units is not None:
            measured += f", {difference.largest_units:,} ULP"
        parts.append(measured)
    if difference.not_finite:
        parts.append(f"{difference.not_finite:,} are NaN or infinite in one of the two, or have other bits")
    words = "looks like rounding" if difference.rounding else "other values"
    return f"{'; '.join(parts)}: {words}"


def index_text(flat: int, shape: tuple[int, ...], *, columns_first: bool = False) -> str:
    """Returns the index of the element that comes `flat`-th in memory."""
    index = []
    for length in shape if columns_first else reversed(shape):
        flat, at = divmod(flat, length)
        index.append(at)
    return str(index if columns_first else index[::-1])
