"""Canonical JSON, of which digests are taken: keys sorted, no spaces, UTF-8 (docs/reference/lock.md)."""

import hashlib
import json


def canonical(value: object) -> bytes:
    """Returns `value` as canonical JSON.

    Raises:
        ValueError: it holds a number that is not finite.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def digest_of(value: object) -> str:
    """Returns the sha256 (64 hex digits) of the canonical JSON of `value`."""
    return hashlib.sha256(canonical(value)).hexdigest()
