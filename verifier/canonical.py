"""Canonical JSON, of which digests are taken: keys sorted, no spaces, UTF-8 (docs/reference/lock.md)."""

import hashlib
import json


def canonical(value: object) -> bytes:
    """Returns `value` as canonical JSON.

    Raises:
        ValueError: it holds what JSON has no word for, or is nested too deeply.
    """
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return text.encode("utf-8")


def digest_of(value: object) -> str:
    """Returns the sha256 (64 hex digits) of the canonical JSON of `value`.

    Raises:
        ValueError: as `canonical`.
    """
    return hashlib.sha256(canonical(value)).hexdigest()
