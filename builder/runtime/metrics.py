"""Writes `metrics.json`, the result of `evaluate`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist

from builder.runtime.canonical import readable
from builder.runtime.paths import output
from builder.runtime.tensors import Array

By = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A confidence interval of a scalar; `confidence` is above 0 and below 1."""

    low: float
    high: float
    confidence: float


def write(
    scalars: Mapping[str, float],
    *,
    labels: Sequence[str] | None = None,
    confusion: Array | None = None,
    classes: By | None = None,
    slices: By | None = None,
    intervals: Mapping[str, Interval] | None = None,
) -> None:
    """Writes scalars by name and, where given, a confusion matrix, values by class and slice, and intervals.

    `confusion` has shape (classes, classes) and holds counts: rows are true classes, columns predicted ones, in
    the order of `labels`. `classes` and `slices` hold values by metric, then by class or slice; `intervals` are of
    scalars, by their names. Numbers are written with all their digits, so equal bits give equal text.

    Raises:
        ValueError: a number is NaN or infinite, or `confusion` has not the shape that `labels` give it.
    """
    if confusion is not None and confusion.shape != (len(labels or []),) * 2:
        raise ValueError(
            f"{len(labels or [])} labels do not fit a confusion matrix of shape {confusion.shape}"
        )
    metrics: dict[str, object] = {
        "schema": "samebits/metrics/v1",
        "scalars": {name: float(value) for name, value in scalars.items()},
    }
    if confusion is not None:
        metrics["confusion_matrix"] = {"labels": list(labels or []), "counts": confusion.tolist()}
    for part, values in (("classes", classes), ("slices", slices)):
        if values:
            metrics[part] = {metric: _plain(by) for metric, by in values.items()}
    if intervals:
        metrics["intervals"] = {name: _plain(asdict(interval)) for name, interval in intervals.items()}
    (output() / "metrics.json").write_text(readable(metrics), encoding="utf-8")


def _plain(values: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items()}


def recall(labels: Sequence[str], confusion: Array) -> dict[str, float]:
    """Returns for each class that has rows the share of them that were put right; `confusion` as in `write`."""
    rows = zip(labels, confusion.tolist(), strict=True)
    return {label: counts[place] / sum(counts) for place, (label, counts) in enumerate(rows) if sum(counts)}


def wilson(right: int, rows: int, *, confidence: float = 0.95) -> Interval:
    """Returns the interval of a share, `right` of `rows`, such as an accuracy.

    Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22 (1927), 209-212.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, shrink = right / rows, 1 + z * z / rows
    middle = (share + z * z / (2 * rows)) / shrink
    reach = z / shrink * math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    # Rounding may put the bound of 0 or 1 beside it.
    return Interval(
        low=max(0.0, min(middle - reach, share)),
        high=min(1.0, max(middle + reach, share)),
        confidence=confidence,
    )
