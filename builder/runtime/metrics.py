"""Writes `metrics.json`, the result of `evaluate`."""

from collections.abc import Mapping, Sequence

from builder.runtime.canonical import readable
from builder.runtime.paths import output
from builder.runtime.tensors import Array


def write(
    scalars: Mapping[str, float],
    *,
    labels: Sequence[str] | None = None,
    confusion: Array | None = None,
) -> None:
    """Writes scalars by name and, if given, a confusion matrix.

    `confusion` has shape (classes, classes) and holds counts: rows are true classes, columns predicted ones, in
    the order of `labels`. Numbers are written with all their digits, so equal bits give equal text.

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
    (output() / "metrics.json").write_text(readable(metrics), encoding="utf-8")
