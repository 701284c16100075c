"""The JSON Schemas of the bundle's files and of the verifier's own output, and one strict way to read JSON."""

import json
import math
from collections import Counter
from pathlib import Path

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from verifier.errors import BadInput

OWN = Path(__file__).parent / "schemas"
# The builder owns the bundle's format. Its schemas are data that both sides read; no code is shared.
BUNDLE = Path(__file__).parent.parent / "builder" / "runtime" / "packaging" / "schemas"


def read_json(path: Path, schema: Path) -> dict[str, object]:
    """Reads a JSON object that gives no key twice and matches the schema.

    Raises:
        BadInput: it cannot be read, is no such object, or does not match.
    """
    advice = "The format is in docs/reference/bundle.md."
    if not path.exists():
        raise BadInput(f"{path} does not exist", advice="Name the folder of a bundle.")
    if path.is_symlink() or not path.is_file():
        raise BadInput(f"{path} is not a plain file", advice=advice)
    try:
        value = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read as JSON: {error}", advice=advice) from error
    schema_value = json.loads(schema.read_text(encoding="utf-8"))
    wrong = best_match(Draft202012Validator(schema_value).iter_errors(value))
    if wrong is not None or not isinstance(value, dict):
        place = "/".join(str(part) for part in wrong.absolute_path) if wrong else ""
        said = wrong.message[:200] if wrong else "it is no object"
        raise BadInput(f"{path}{' at ' + place if place else ''}: {said}", advice=advice)
    return value


def parse_json(text: str) -> object:
    """Parses JSON as the standard has it: no key twice, no NaN, no number too large for a float.

    Raises:
        ValueError: it is not such JSON.
    """
    try:
        return json.loads(
            text, object_pairs_hook=_no_key_twice, parse_constant=_no_constant, parse_float=_finite
        )
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is no number in JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_constant(digits)


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ValueError(f"the key {twice!r} is given twice")
    return value
