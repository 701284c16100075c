"""Holds data against a JSON Schema and says in one sentence what is wrong, naming the nearest known key."""

import difflib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match
from referencing import Registry
from referencing.exceptions import Unresolvable

SCHEMAS = Path(__file__).parent / "schemas"
# Without this a schema could name an address, and jsonschema would fetch it.
NO_OTHER_SCHEMAS: Registry[bool | Mapping[str, object]] = Registry()


class Invalid(ValueError):
    """The data does not match its schema; the text is one sentence for a person."""


def load_schema(path: Path) -> dict[str, object]:
    """Reads a JSON Schema (draft 2020-12) from `path`.

    Raises:
        Invalid: the file is no JSON, or no schema.
    """
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
        Draft202012Validator.check_schema(schema)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"the schema {path.name} is not JSON: {error}") from error
    except SchemaError as error:
        raise Invalid(f"the schema {path.name} is not a JSON Schema: {error.message}") from error
    if not isinstance(schema, dict):
        raise Invalid(f"the schema {path.name} is not an object")
    return schema


def validate(value: object, schema: Mapping[str, object], what: str) -> None:
    """Returns if `value` matches `schema`.

    Raises:
        Invalid: it does not; the sentence starts with `what` and names the place.
    """
    try:
        error = best_match(Draft202012Validator(schema, registry=NO_OTHER_SCHEMAS).iter_errors(value))
    except Unresolvable as unresolvable:
        raise Invalid(
            f"{what}: the schema refers to {unresolvable.ref!r}, which is not in it"
        ) from unresolvable
    except (ValueError, TypeError) as odd:
        # A number too long to be written down, or a key that is no text.
        raise Invalid(f"{what}: {odd}") from odd
    except RecursionError as endless:
        raise Invalid(f"{what}: it is nested too deeply, or the schema refers to itself") from endless
    if error is not None:
        raise Invalid(f"{what}: {_sentence(error)}")


def _sentence(error: ValidationError) -> str:
    place = ".".join(str(part) for part in error.absolute_path)
    at = f" in {place!r}" if place else ""
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        schema = error.schema if isinstance(error.schema, Mapping) else {}
        known = [str(key) for key in schema.get("properties", {})]
        patterns = [str(pattern) for pattern in schema.get("patternProperties", {})]
        unknown = sorted(
            str(key)
            for key in error.instance
            if key not in known and not any(re.search(pattern, str(key)) for pattern in patterns)
        )
        return f"unknown key {unknown[0]!r}{at}{_nearest(unknown[0], known)}"
    if error.validator == "type":
        return f"{place or 'it'} must be of type {error.validator_value}, found {error.instance!r}"
    return f"{place + ': ' if place else ''}{error.message}"


def _nearest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known keys are {', '.join(sorted(known))}" if known else ""
