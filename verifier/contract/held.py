"""Holds what a person wrote in YAML against its schema: the first fault, with its line and the nearest known key.

In these schemas every description completes the sentence "it must be …".
"""

import difflib
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from verifier.contract.strict_yaml import Marked
from verifier.contract.values import Metric
from verifier.errors import BadInput
from verifier.explain.bounded import shortened
from verifier.schemas import load_schema

# Of a hostile file there are thousands of faults; the first of a few is enough.
MOST_FAULTS = 20
UNQUOTED = "; it is text: write it without quotes, and an exponent as in 1.0e-3"


def hold(marked: Marked, schema: Path) -> None:
    """Returns if the file matches the schema.

    Raises:
        BadInput: it does not; the sentence names the first fault with file and line.
    """
    validator = Draft202012Validator(load_schema(schema))
    faults = [_fault(error, marked) for error in islice(validator.iter_errors(marked.value), MOST_FAULTS)]
    if faults:
        raise min(faults, key=lambda fault: fault[0])[1]


def _fault(error: ValidationError, marked: Marked) -> tuple[tuple[bool, int], BadInput]:
    """Returns what the schema found as an error, and its rank: by the line, what is missing behind the rest.

    A key that is written wrongly is missing too, and that says less.
    """
    place = list(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = [str(key) for key in cast(Mapping[str, dict[str, object]], error.schema)["properties"]]
        unknown = next(key for key in error.instance if key not in known)
        sentence = f"unknown key {shortened(unknown, 40)!r}{_in(place, marked)}{nearest(unknown, known)}"
        place.append(unknown)
    elif error.validator == "dependentRequired" and isinstance(error.instance, dict):
        wanted = cast(Mapping[str, Sequence[str]], error.validator_value)
        there = next(
            key for key in wanted if key in error.instance and set(wanted[key]) - error.instance.keys()
        )
        missing = next(key for key in wanted[there] if key not in error.instance)
        sentence = f"the key {missing!r} is missing beside {there!r}{_in(place, marked)}"
        place.append(there)
    elif error.validator == "required" and isinstance(error.instance, dict):
        beside = cast(Sequence[str], error.validator_value)
        missing = next(key for key in beside if key not in error.instance)
        sentence = f"the key {missing!r} is missing{_in(place, marked)}"
    else:
        found = "empty" if error.instance is None else shortened(repr(error.instance), 60)
        what = f"{place[-1]!r}{_in(place[:-1], marked)}" if place else "it"
        must = cast(Mapping[str, str], error.schema)["description"]
        hint = UNQUOTED if error.validator == "type" and "number" in must and _is_text(error.instance) else ""
        sentence = f"{what} is {found}; it must be {must}{hint}"
    missing_one = error.validator in ("required", "dependentRequired")
    return (missing_one, marked.line(place)), marked.bad(sentence, *place)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _in(place: Sequence[str | int], marked: Marked) -> str:
    """Returns where a key stands: in a metric by its name, else in a path of keys."""
    if not place:
        return ""
    rest = ".".join(str(step) for step in place)
    if place[0] == "metrics" and len(place) > 1:
        entry = cast(dict[str, list[object]], marked.value)["metrics"][int(place[1])]
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            inner = "".join(f"{step} of " for step in reversed(place[2:]))
            return f" in {inner}{_metric_of(entry)}"
    return f" in {rest!r}"


def _metric_of(entry: Mapping[str, object]) -> str:
    return shortened(str(Metric(str(entry["name"]), str(entry.get("slice", "")))), 80)


def nearest(word: str, known: Sequence[str]) -> str:
    """Returns a hint to put behind an unknown word: the nearest known one, or all."""
    near = difflib.get_close_matches(word[:80], known, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known are {shortened(', '.join(known), 200)}" if known else ""
