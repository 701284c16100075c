"""Holds thousands of files against our schemas, a hundred times as fast as `verifier.schemas`.

Only for what is shown or linted: a gate asks the slower one, and no second opinion.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from jsonschema_rs import Draft202012Validator

from verifier.schemas import load_schema, mismatch


def quick_mismatch(value: object, schema: Path) -> str | None:
    """Returns where `value` does not match the schema, and how, to be put behind a name; or nothing."""
    return None if fits(value, schema) else mismatch(value, schema) or ": it does not match its schema"


def fits(value: object, schema: Path) -> bool:
    """Returns whether the value surely matches a schema of ours."""
    try:
        return _validator(schema)(value)
    except ValueError:  # it is nested too deeply, or holds what is no text
        return False


@cache
def _validator(schema: Path) -> Callable[[object], bool]:
    return Draft202012Validator(load_schema(schema), offline=True).is_valid
