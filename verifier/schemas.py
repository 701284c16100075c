"""The JSON Schemas of the bundle's files and of the verifier's own output, and one strict way to read JSON."""

import json
import math
import re
from collections import Counter
from functools import cache
from itertools import islice
from pathlib import Path
from typing import cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from verifier.errors import BadInput

OWN = Path(__file__).parent / "schemas"
# The builder owns the bundle's format. Its schemas are data that both sides read; no code is shared.
LOCKS = Path(__file__).parent.parent / "builder" / "locks"
LOCK = LOCKS.parent / "schemas" / "lock.schema.json"
BUNDLE = Path(__file__).parent.parent / "builder" / "runtime" / "packaging" / "schemas"
# An escape that is a half of a character; whether its other half follows the encoder knows.
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
FORMAT = "The format is in docs/reference/bundle.md."
# As many digits surely fit into a double, which is what a whole number becomes where it is drawn or divided.
MOST_DIGITS = 300


def read_json(path: Path, schema: Path, *, advice: str = FORMAT) -> dict[str, object]:
    """Reads a JSON object that gives no key twice and matches the schema.

    Raises:
        BadInput: it cannot be read, is no such object, or does not match.
    """
    if not path.exists():
        raise BadInput(f"{path} does not exist", advice="Name the folder of a bundle.")
    if path.is_symlink() or not path.is_file():
        raise BadInput(f"{path} is not a plain file", advice=advice)
    try:
        value = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read as JSON: {error}", advice=advice) from error
    wrong = mismatch(value, schema)
    if wrong is not None or not isinstance(value, dict):
        raise BadInput(f"{path}{wrong or ': it is no object'}", advice=advice)
    return value


def mismatch(value: object, schema: Path) -> str | None:
    """Returns where `value` does not match the schema, and how, to be put behind a name; or nothing."""
    return _mismatch(value, _validator(schema))


def mismatch_with(value: object, schema: dict[str, object]) -> str | None:
    """Returns the same for a schema that was read."""
    return _mismatch(value, Draft202012Validator(schema))


@cache
def _validator(schema: Path) -> Draft202012Validator:
    """Returns the validator of a schema of ours, made once for the many files that are held against it."""
    return Draft202012Validator(load_schema(schema))


def _mismatch(value: object, validator: Draft202012Validator) -> str | None:
    try:
        # The first alone: of a hostile file there are millions, and looking for all of them takes hours.
        wrong = best_match(islice(validator.iter_errors(value), 1))
    except RecursionError:  # a value that could just be parsed may be too deep to be shown
        return ": it is nested too deeply"
    if wrong is None:
        return None
    place = "/".join(str(part) for part in wrong.absolute_path)
    return f"{' at ' + place if place else ''}: {wrong.message[:200]}"


def load_schema(path: Path) -> dict[str, object]:
    """Returns a JSON Schema of ours."""
    return cast(dict[str, object], json.loads(path.read_text(encoding="utf-8")))


def parts(content: bytes) -> int:
    """Returns how many values JSON can have at most, which is what memory and time depend on.

    A small list takes three bytes in a file, and fifty in memory.
    """
    return sum(content.count(sign) for sign in (b"[", b"{", b","))


def parse_json(text: str) -> object:
    """Parses JSON as I-JSON (RFC 7493) has it: no key twice, no NaN, no number too large, no half characters.

    Raises:
        ValueError: it is not such JSON.
    """
    try:
        value: object = json.loads(
            text,
            object_pairs_hook=_no_key_twice,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
        if SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return value


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is no number in JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_constant(digits)


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"{digits[:12]}… is too large a number")
    return int(digits)


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ValueError(f"the key {twice!r} is given twice")
    return value
