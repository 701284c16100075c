"""Holds thousands of files against our schemas, a hundred times as fast as `verifier.schemas`.

Only for what is shown: a gate asks the slower one, and no second opinion.
"""

from functools import cache
from pathlib import Path

from jsonschema_rs import Draft202012Validator

from verifier.schemas import load_schema, mismatch


def quick_mismatch(value: object, schema: Path) -> str | None:
    """Returns where `value` does not match the schema, and how, to be put behind a name; or nothing."""
    try:
        if _validator(schema).is_valid(value):
            return None
    except ValueError:  # it is nested too deeply, or holds what is no text
        pass
    return mismatch(value, schema) or ": it does not match its schema"


@cache
def _validator(schema: Path) -> Draft202012Validator:
    return Draft202012Validator(load_schema(schema), offline=True)
