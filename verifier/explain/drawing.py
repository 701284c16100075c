"""What of two trees that differ can be drawn: how far tensors are apart, and how two trainings went on.

A file that is not what its name says gives nothing: the findings say what is wrong with it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from verifier.compare import Pair, files_in_both
from verifier.explain.arrays import read_array
from verifier.explain.bisection import Steps, first_parting
from verifier.explain.bounded import shortened
from verifier.explain.elements import Floats, Kind, Run, bits_of, chunks, values_of
from verifier.explain.findings import LONGEST_PLACE, OtherKind
from verifier.explain.pictured import DECADES, Parting, TensorDifference
from verifier.explain.safetensors_header import read_header
from verifier.explain.sampled import DRAWN, Points, evenly, points
from verifier.trace import STEPS

MOST_POINTS, MOST_PARTINGS = 200, 12
# Where one decade ends and the next begins.
BORDERS = np.array([float(f"1e{power}") for power in range(2 - DECADES, 1)])


@dataclass(frozen=True, kw_only=True)
class Alike:
    """Two tensors of one name, kind and shape."""

    name: str
    kind: Kind
    runs: tuple[Run, Run]


def tensor_differences(first: Path, second: Path, limit: int) -> tuple[TensorDifference, ...]:
    """Returns the first `limit` tensors that differ, by files and then as the first file names them.

    Looked into are safetensors and npy files that lie at one place in both trees. Memory does not grow with them.

    Raises:
        BadInput: a folder cannot be read.
    """
    found: list[TensorDifference] = []
    for pair in files_in_both(first, second):
        if len(found) >= limit:
            break
        found += _of_file(pair, limit - len(found))
    return tuple(found)


def _of_file(pair: Pair, limit: int) -> list[TensorDifference]:
    reader = READERS.get(PurePosixPath(_name(pair)).suffix.lower())
    if reader is None:
        return []
    found = []
    try:
        for alike in reader(pair):
            picture = _picture(pair, alike)
            found += [] if picture is None else [picture]
            if len(found) == limit:
                break
    except (OtherKind, OSError):
        return []
    return found


def _name(pair: Pair) -> str:
    return pair.first.name if pair.name == "." else pair.name


def _in_safetensors(pair: Pair) -> Iterator[Alike]:
    first, second = (read_header(path).tensors for path in (pair.first, pair.second))
    for name, one in first.items():
        other = second.get(name)
        if other is not None and (one.kind, one.shape) == (other.kind, other.shape):
            yield Alike(name=name, kind=one.kind, runs=(one.run, other.run))


def _in_npy(pair: Pair) -> Iterator[Alike]:
    one, other = read_array(pair.first), read_array(pair.second)
    if (one.kind, one.shape, one.columns_first) == (other.kind, other.shape, other.columns_first):
        yield Alike(name=PurePosixPath(_name(pair)).stem, kind=one.kind, runs=(one.run, other.run))


READERS: dict[str, Callable[[Pair], Iterator[Alike]]] = {".safetensors": _in_safetensors, ".npy": _in_npy}


def _picture(pair: Pair, alike: Alike) -> TensorDifference | None:
    """Returns how two tensors differ; None where all bits are equal, or nothing can be subtracted."""
    if alike.kind.opaque:
        return None
    histogram, largest = np.zeros(DECADES, np.int64), 0.0
    stored = alike.kind.stored
    both = (chunks(run, alike.kind) for run in alike.runs)
    for left, right in zip(*both, strict=True):
        if left == right:
            continue
        a, b = np.frombuffer(left, stored), np.frombuffer(right, stored)
        different = np.flatnonzero(bits_of(a) != bits_of(b))
        apart, relative = _apart(*(values_of(one[different], alike.kind) for one in (a, b)))
        histogram += np.bincount(np.searchsorted(BORDERS, relative, side="right"), minlength=DECADES)
        largest = max(largest, float(apart.max(where=np.isfinite(apart), initial=0.0)))
    if not histogram.any():
        return None
    return TensorDifference(
        path=pair.name,
        tensor=shortened(alike.name, LONGEST_PLACE),
        elements=alike.runs[0].count,
        differing=int(histogram.sum()),
        largest=largest,
        histogram=tuple(histogram.tolist()),
    )


def _apart(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Returns absolute and relative differences; infinite where one of the two is not finite."""
    finite = np.isfinite(a) & np.isfinite(b)
    with np.errstate(all="ignore"):
        apart = np.where(finite, np.abs(a - b), np.inf)
        larger = np.maximum(np.abs(a), np.abs(b))
        relative = np.divide(apart, larger, out=np.zeros_like(apart), where=larger > 0)
    return apart, np.where(finite, relative, np.inf)


def partings(first: Path, second: Path) -> tuple[Parting, ...]:
    """Returns how two trainings that part went on, for each trace that lies at one place in both trees.

    Of a trace, a quantity is there where it differs at one of the steps that are read.

    Raises:
        BadInput: a folder cannot be read.
    """
    found: list[Parting] = []
    for pair in files_in_both(first, second):
        if PurePosixPath(_name(pair)).name == STEPS and len(found) < MOST_PARTINGS:
            found += _parted(pair)
    return tuple(found[:MOST_PARTINGS])


def _parted(pair: Pair) -> list[Parting]:
    try:
        parting = first_parting(pair.first, pair.second)
        if parting is None:
            return []
        wanted = _with_the_parting(parting.step, max(parting.counts))
        with Steps(pair.first) as a, Steps(pair.second) as b:
            sides = points(a, wanted), points(b, wanted)
    except (OtherKind, OSError):
        return []
    return [
        _drawn(pair.name, quantity, parting.step, (sides[0][quantity], sides[1][quantity]))
        for quantity in DRAWN
        if sides[0][quantity] != sides[1][quantity]
    ]


def _with_the_parting(step: int, last: int) -> list[int]:
    """Returns steps of the whole training, that before the parting and that of the parting among them."""
    return sorted({*evenly(last, MOST_POINTS - 2), *range(max(1, step - 1), step + 1)})


def _drawn(path: str, quantity: str, step: int, sides: tuple[Points, Points]) -> Parting:
    return Parting(path=path, quantity=quantity, step=step, first=sides[0], second=sides[1])
