"""Contracts as text, as files and as records; what reading them refuses, and what they say of metrics."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from verifier.contract.judging import judge_metrics
from verifier.contract.reading import read_contract
from verifier.contract.terms import Contract, Declared, Direction, Kind, Tolerance
from verifier.contract.values import Metric
from verifier.errors import BadInput
from verifier.verdict import Row, Status

ACCURACY = Metric("accuracy", "")
REASON = "two of 449 held-out images"
GOOD = """\
metrics:
  - name: accuracy
    direction: higher
    tolerance: { absolute: 0.0045 }
    minimum: 0.9
    reason: two of 449 held-out images
  - name: recall
    slice: classes/*
    direction: higher
    tolerance: { relative: 0.02 }
    reason: one image of a class
  - name: rows
    tolerance: exact
resources:
  train:
    wall_seconds: { warn: 1.5, fail: 3 }
    peak_memory_bytes: { warn: 1.2, fail: 2 }
equality:
  predictions: { absolute: 0.001, agreement: 0.99 }
  reason: cuBLAS of two GPU kinds
"""


def read(folder: Path, text: str | bytes) -> Contract:
    path = folder / "contract.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_contract(path)


def refusal(folder: Path, text: str | bytes) -> str:
    """Returns the sentence of the refusal, without the path of the file."""
    with pytest.raises(BadInput) as caught:
        read(folder, text)
    assert caught.value.advice == "The format is in docs/reference/contract.md."
    assert caught.value.sentence.startswith(str(folder / "contract.yaml"))
    return (
        caught.value.sentence.removeprefix(str(folder / "contract.yaml"))
        .removeprefix(", ")
        .removeprefix(": ")
    )


def declared(
    name: str = "accuracy",
    slice: str = "",
    kind: Kind = Kind.ABSOLUTE,
    amount: float = 0.0045,
    direction: Direction | None = Direction.HIGHER,
    minimum: float | None = None,
    maximum: float | None = None,
) -> Declared:
    return Declared(
        name=name,
        slice=slice,
        direction=direction,
        tolerance=Tolerance(kind=kind, amount=amount),
        minimum=minimum,
        maximum=maximum,
        reason=REASON,
    )


def rows(
    one: Declared | list[Declared],
    found: Mapping[Metric, float],
    baseline: Mapping[Metric, float] | None,
    equal_bits: bool = False,
) -> list[Row]:
    metrics = tuple(one) if isinstance(one, list) else (one,)
    return judge_metrics(Contract(metrics=metrics), found, baseline, "1.2.0", equal_bits)


def judged(now: float, then: float | None, one: Declared | None = None, equal_bits: bool = False) -> Row:
    baseline = None if then is None else {ACCURACY: then}
    (row,) = rows(one or declared(), {ACCURACY: now}, baseline, equal_bits)
    assert (row.check, row.subject) == ("metric", "accuracy")
    return row


def failure(row: Row) -> str:
    assert row.status is Status.FAILED and not row.warned
    return row.detail
