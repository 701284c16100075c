"""The golden outputs of two builds that may be equal only within tolerance: do they predict the same?

1. Both files have the same tensors, of the same types and shapes.
2. What is no output is equal to the last bit, so both were asked the same.
3. No output differs by more than the contract allows, which is less than its largest value. A NaN is equal to
   nothing, not to itself either.
4. Where an output has columns, the greatest is the same one in as many rows as the contract demands.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from verifier.bundle import GOLDEN, OUTPUT
from verifier.contract.terms import Closeness
from verifier.contract.tolerance import exactly, shown, told_apart
from verifier.explain.bounded import counted, shortened
from verifier.explain.elements import CHUNK_ELEMENTS, Values, gap, values_of
from verifier.explain.findings import OtherKind
from verifier.explain.safetensors_header import Header, Tensor, read_header
from verifier.verdict import Row, Status

PREDICTION = "prediction"
Both: TypeAlias = tuple[Tensor, Tensor]


@dataclass(kw_only=True)
class _Tally:
    """What is known of all outputs so far."""

    values: int = 0
    apart: float = 0.0
    largest: float = 0.0
    rows: int = 0
    agreeing: int = 0


def judge_predictions(closeness: Closeness, first: Path, second: Path) -> Row:
    """Returns whether two files of golden inputs and outputs are close enough."""
    paths = {"first": first, "second": second}
    missing = [side for side, path in paths.items() if path.is_symlink() or not path.is_file()]
    if len(missing) == len(paths):
        return _row(Status.NOT_CHECKED, "neither build has golden outputs")
    if missing:
        return _row(Status.FAILED, f"the {missing[0]} build has no golden outputs")
    tally = _Tally()
    try:
        problems = tuple(_problems(closeness, read_header(first), read_header(second), tally))
    except (OSError, OtherKind) as error:
        return _row(Status.FAILED, f"the golden outputs cannot be read: {error}")
    if not problems and not tally.values:
        problems = ("there is no output to compare",)
    if problems:
        return _row(Status.FAILED, problems[0], problems)
    allowed = f"{shown(closeness.absolute)} is allowed ({closeness.reason})"
    alike = f"; {tally.agreeing:,} of {tally.rows:,} rows choose alike" if tally.rows else ""
    apart = f"{counted(tally.values, 'value')}, apart by {shown(tally.apart)} at most; {allowed}"
    return _row(Status.PASSED, apart + alike)


def _row(status: Status, detail: str, differences: tuple[str, ...] = ()) -> Row:
    return Row(check=PREDICTION, subject=GOLDEN, status=status, detail=detail, differences=differences)


def _problems(closeness: Closeness, first: Header, second: Header, total: _Tally) -> Iterator[str]:
    for name in first.tensors | second.tensors:
        a, b = first.tensors.get(name), second.tensors.get(name)
        shortly = shortened(name)
        if a is None or b is None:
            yield f"{shortly} is in the {'second' if a is None else 'first'} only"
        elif (a.kind, a.shape) != (b.kind, b.shape):
            described = [f"{tensor.kind.name} {list(tensor.shape)}" for tensor in (a, b)]
            yield f"{shortly} is {described[0]} in the first, {described[1]} in the second"
        elif not name.startswith(OUTPUT):
            if gap(a.run, b.run, a.kind) is not None:
                yield f"{shortly} differs, so the two were not asked the same"
        elif a.kind.opaque:
            if gap(a.run, b.run, a.kind) is not None:
                yield f"{shortly} differs, and values of type {a.kind.name} cannot be subtracted"
            total.values += a.run.count
        else:
            yield from _in_output(closeness, shortly, (a, b), total)


def _in_output(closeness: Closeness, name: str, both: Both, total: _Tally) -> Iterator[str]:
    tally = _tally(both)
    if np.isnan(tally.apart):
        yield f"{name} holds a NaN"
    elif tally.apart > closeness.absolute:
        by, limit = told_apart(tally.apart, closeness.absolute)
        yield f"{name} differs by up to {by}; at most {limit} is allowed ({closeness.reason})"
    elif 0 < tally.largest <= closeness.absolute:
        value, limit = told_apart(tally.largest, closeness.absolute)
        yield f"{name}: an absolute {limit} cannot fail, as no value is larger than {value}; choose a smaller one"
    if tally.agreeing < exactly(closeness.agreement) * tally.rows:
        share, least = told_apart(tally.agreeing / tally.rows, closeness.agreement)
        yield (
            f"{name}: {tally.agreeing:,} of {tally.rows:,} rows choose alike, a share of {share}; "
            f"at least {least} is demanded ({closeness.reason})"
        )
    total.values += tally.values
    total.apart = max(total.apart, tally.apart)
    total.rows += tally.rows
    total.agreeing += tally.agreeing


def _tally(both: Both) -> _Tally:
    tally = _Tally()
    columns = both[0].shape[-1] if len(both[0].shape) > 1 else 1
    kind = both[0].kind
    for left, right in zip(*(_blocks(tensor, columns) for tensor in both), strict=True):
        a, b = values_of(left, kind), values_of(right, kind)
        with np.errstate(all="ignore"):
            apart = np.where(a == b, 0.0, np.abs(a - b))
        if not kind.mantissa:  # whole numbers that are next to each other may be one in binary64
            apart = np.where(left == right, 0.0, np.maximum(apart, 1.0))
        tally.values += a.size
        tally.largest = max(tally.largest, float(np.abs(a).max()), float(np.abs(b).max()))
        # numpy's maximum of a NaN and anything is NaN, Python's is whichever comes first.
        tally.apart = float(np.maximum(tally.apart, apart.max()))
        if columns > 1:
            tally.rows += len(a)
            known = ~(np.isnan(a).any(axis=1) | np.isnan(b).any(axis=1))
            tally.agreeing += int(np.count_nonzero((a.argmax(axis=1) == b.argmax(axis=1)) & known))
    return tally


def _blocks(tensor: Tensor, columns: int) -> Iterator[Values]:
    """Yields the elements as they are stored, in blocks of whole rows."""
    size = tensor.kind.stored.itemsize
    step = max(1, CHUNK_ELEMENTS // max(1, columns)) * max(1, columns)
    with tensor.run.path.open("rb") as file:
        file.seek(tensor.run.offset)
        for start in range(0, tensor.run.count, step):
            wanted = min(step, tensor.run.count - start) * size
            content = file.read(wanted)
            if len(content) < wanted:
                raise OtherKind("the file became shorter while it was read")
            yield np.frombuffer(content, tensor.kind.stored).reshape(-1, columns)
