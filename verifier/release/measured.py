"""What changed between the metrics of two releases."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from verifier.release.values import difference, flat

Json = Mapping[str, object]


def metric_changes(before: Json, after: Json) -> Iterator[tuple[str, str]]:
    """Yields name and change of each metric that was added, removed or moved."""
    first, second = _numbers(before), _numbers(after)
    for name in dict.fromkeys((*first, *second)):
        if name not in first:
            yield name, f"added: {json.dumps(second[name])}"
        elif name not in second:
            yield name, f"removed: {json.dumps(first[name])}"
        elif first[name] != second[name]:
            moved = difference(first[name], second[name])
            yield name, f"{json.dumps(first[name])} → {json.dumps(second[name])} ({moved})"
    yield from _confusion(_part(before, "confusion_matrix"), _part(after, "confusion_matrix"))


def _part(metrics: Json, key: str) -> Json:
    return cast(Json, metrics.get(key, {}))


def _numbers(metrics: Json) -> dict[str, float]:
    """Returns all numbers by the names that people know them under, such as `recall of classes/8`."""
    numbers = dict(cast(Mapping[str, float], metrics["scalars"]))
    for kind in ("classes", "slices"):
        for metric, values in cast(Mapping[str, Mapping[str, float]], _part(metrics, kind)).items():
            numbers |= {f"{metric} of {kind}/{label}": value for label, value in values.items()}
    for scalar, interval in cast(Mapping[str, Mapping[str, float]], _part(metrics, "intervals")).items():
        numbers |= {f"{bound} of the interval of {scalar}": value for bound, value in interval.items()}
    return numbers


def _confusion(before: Json, after: Json) -> Iterator[tuple[str, str]]:
    first, second = flat(before), flat(after)
    if first == second:
        return
    if not before or not after:
        yield "confusion matrix", "added" if after else "removed"
    elif before["labels"] != after["labels"] or first.keys() != second.keys():
        yield "confusion matrix", "it has other labels"
    else:
        moved = [place for place in first if first[place] != second[place]]
        yield "confusion matrix", f"{len(moved)} of {_cells(before)} counts moved"


def _cells(matrix: Json) -> int:
    return sum(map(len, cast(Sequence[Sequence[int]], matrix["counts"])))
