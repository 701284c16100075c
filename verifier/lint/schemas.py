"""What does not match a schema that somebody else may have written: one sentence, and where."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, UnknownType, ValidationError, best_match
from referencing import Registry
from referencing.exceptions import Unresolvable

from verifier.contract.held import nearest
from verifier.errors import BadInput
from verifier.explain.bounded import shortened
from verifier.schemas import load_schema, parse_json

# Without this a schema could name an address, and jsonschema would fetch it.
NO_OTHER_SCHEMAS: Registry[bool | Mapping[str, object]] = Registry()
# What is in there is data that both sides read; no code is shared.
BUILDER = Path(__file__).parent.parent.parent / "builder"
ADVICE = "It is a JSON Schema of draft 2020-12."


@cache
def of_file(schema: Path) -> Draft202012Validator:
    """Returns the validator of a schema of ours."""
    return Draft202012Validator(load_schema(schema))


def of_text(text: str) -> Draft202012Validator:
    """Returns the validator of a schema that is given as text.

    Raises:
        BadInput: it is no JSON, or no schema.
    """
    try:
        schema = parse_json(text)
        if not isinstance(schema, (dict, bool)):
            raise BadInput("it is no object", advice=ADVICE)
        Draft202012Validator.check_schema(cast(Mapping[str, object], schema))
        return Draft202012Validator(cast(Mapping[str, object], schema), registry=NO_OTHER_SCHEMAS)
    except SchemaError as error:
        place = ".".join(str(step) for step in error.absolute_path)
        what = shortened(error.message, 160)
        raise BadInput(f"it is no JSON Schema: {place}: {what}", advice=ADVICE) from error
    except (ValueError, RecursionError, re.error) as error:
        raise BadInput(f"it is no JSON Schema: {error}", advice=ADVICE) from error


def mismatch_at(
    value: object, validator: Draft202012Validator, within: tuple[str, ...] = ()
) -> tuple[Sequence[str | int], str] | None:
    """Returns the fault that says most, as its place and a sentence; or nothing.

    `within` is where in its file the value stands, and begins the place.

    Raises:
        BadInput: the schema refers to what is not in it, or has no end.
    """
    try:
        error = best_match(validator.iter_errors(value))
    except (Unresolvable, UnknownType) as wrong:
        said = wrong.ref if isinstance(wrong, Unresolvable) else wrong.type
        raise BadInput(f"the schema names {said!r}, which is not in it", advice=ADVICE) from wrong
    except RecursionError as endless:
        raise BadInput(
            "the schema refers to itself, or what it is for is nested too deeply", advice=ADVICE
        ) from endless
    return None if error is None else _said(error, within)


def _said(error: ValidationError, above: tuple[str, ...]) -> tuple[Sequence[str | int], str]:
    place = [*above, *error.absolute_path]
    within = f" in {'.'.join(map(str, place))!r}" if place else ""
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        schema = cast(Mapping[str, Mapping[str, object]], error.schema)
        known, patterns = [[*map(str, schema.get(key, {}))] for key in ("properties", "patternProperties")]
        unknown = next(
            str(key)
            for key in error.instance
            if key not in known and not any(re.search(pattern, str(key)) for pattern in patterns)
        )
        return [*place, unknown], f"unknown key {shortened(unknown, 40)!r}{within}{nearest(unknown, known)}"
    if error.validator == "required" and isinstance(error.instance, dict):
        missing = next(key for key in cast(Sequence[str], error.validator_value) if key not in error.instance)
        return place, f"the key {missing!r} is missing{within}"
    found = shortened(json.dumps(error.instance, default=str), 60)
    if error.validator == "type":
        return (
            place,
            f"{place[-1] if place else 'it'!s} must be of type {error.validator_value}, found {found}",
        )
    return place, f"{'.'.join(map(str, place)) or 'it'}: {shortened(error.message, 160)}"
