"""What no schema can say of metrics.json: a matrix that its labels fit, and intervals that hold their scalars."""

from collections.abc import Mapping
from typing import TypedDict, cast

from builder.runtime.failure import BAD_INPUT, StepFailed


class Confusion(TypedDict):
    """The confusion matrix."""

    labels: list[str]
    counts: list[list[int]]


class Metrics(TypedDict, total=False):
    """The file after it matched metrics.schema.json."""

    scalars: dict[str, float]
    confusion_matrix: Confusion
    intervals: dict[str, dict[str, float]]


def check_agreement(value: Mapping[str, object]) -> None:
    """Returns if the parts of metrics.json fit each other.

    Raises:
        StepFailed: they do not.
    """
    metrics = cast(Metrics, value)
    if "confusion_matrix" in metrics:
        _check_confusion(metrics["confusion_matrix"])
    for name, interval in metrics.get("intervals", {}).items():
        if name not in metrics["scalars"]:
            raise _bad(f"intervals has {name}, which is none of the scalars")
        scalar = metrics["scalars"][name]
        if not interval["low"] <= scalar <= interval["high"]:
            raise _bad(
                f"{name} is {scalar}, outside of its interval from {interval['low']} to {interval['high']}"
            )


def _check_confusion(matrix: Confusion) -> None:
    sizes = {len(matrix["counts"]), *(len(row) for row in matrix["counts"])}
    if sizes != {len(matrix["labels"])}:
        raise _bad("confusion_matrix has not one row and one column for each label")


def _bad(what: str) -> StepFailed:
    advice = "Write it with builder.runtime.metrics."
    return StepFailed(kind=BAD_INPUT, sentence=f"metrics.json: {what}", advice=advice)
