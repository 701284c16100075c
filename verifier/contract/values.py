"""The numbers in metrics.json, each known by the name of its metric and its slice."""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from verifier.contract.files import read_plain
from verifier.errors import BadInput
from verifier.explain.bounded import shortened
from verifier.schemas import BUNDLE, mismatch, parse_json

MOST_BYTES = 4 << 20
ADVICE = "Let evaluate write finite numbers by name (docs/reference/model.md), and build again."
SCALARS, SLICED = "scalars", ("classes", "slices")


class Metric(NamedTuple):
    """A metric's name, and of what: "" for a scalar, "classes/LABEL" or "slices/SLICE"."""

    name: str
    slice: str

    def __str__(self) -> str:
        return f"{self.name} of {self.slice}" if self.slice else self.name


def read_metrics(path: Path) -> dict[str, object]:
    """Reads a bundle's metrics.json, of at most 4 MiB.

    Raises:
        BadInput: it is no such file, does not match its schema, or the metric that is named is no finite number.
    """
    content = read_plain(path, MOST_BYTES, advice=ADVICE)
    try:
        text = content.decode("utf-8")
        value = parse_json(text)
    except ValueError as error:
        _name_what_is_not_finite(content, path)
        raise BadInput(f"{path} cannot be read as JSON: {error}", advice=ADVICE) from error
    if not isinstance(value, dict):
        raise BadInput(f"{path} is no JSON object", advice=ADVICE)
    flatten(value, where=str(path))
    wrong = mismatch(value, BUNDLE / "metrics.schema.json")
    if wrong is not None:
        raise BadInput(f"{path}{wrong}", advice=ADVICE)
    return value


def _name_what_is_not_finite(content: bytes, path: Path) -> None:
    """Returns if the file is no JSON for another reason than a number that is not finite."""
    try:
        value: object = json.loads(content)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict):
        flatten(value, where=str(path))


def flatten(document: Mapping[str, object], *, where: str = "metrics.json") -> dict[Metric, float]:
    """Returns the numbers of a metrics.json, or of a release's `metrics`: scalars, then classes, then slices.

    Raises:
        BadInput: a value is no finite number, or a part is no object; `where` names the file.
    """
    return {metric: _number(metric, value, where) for metric, value in _values(document, where)}


def _values(document: Mapping[str, object], where: str) -> Iterator[tuple[Metric, object]]:
    for name, value in _object(document.get(SCALARS, {}), SCALARS, where).items():
        yield Metric(name, ""), value
    for part in SLICED:
        for name, slices in _object(document.get(part, {}), part, where).items():
            for label, value in _object(slices, f"{part} of {name}", where).items():
                yield Metric(name, f"{part}/{label}"), value


def _object(value: object, what: str, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise BadInput(f"{where}: {shortened(what)} is no object", advice=ADVICE)
    return value


def _number(metric: Metric, value: object, where: str) -> float:
    name, shown = shortened(str(metric)), shortened(repr(value), 40)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        kind = "text, not a number" if isinstance(value, str) else "no number"
        raise BadInput(f"{where}: {name} is {shown}, which is {kind}", advice=ADVICE)
    try:
        number = float(value)
    except OverflowError as error:
        raise BadInput(f"{where}: {name} is too large for a binary64 number", advice=ADVICE) from error
    if not math.isfinite(number):
        raise BadInput(f"{where}: {name} is {shown}, which is not finite", advice=ADVICE)
    return number
