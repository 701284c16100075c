"""One way to write JSON: the compact form that digests are taken over, and the readable form of files."""

import hashlib
import json


def canonical(value: object) -> bytes:
    """Writes `value` as JSON with sorted keys, no spaces, UTF-8; equal values give equal bytes.

    For strings and integers this is also what Nix's `builtins.toJSON` writes, so that both sides can
    check a lock's digest.

    Raises:
        ValueError: a number is NaN or infinite, which JSON has no word for.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return text.encode()


def parse(text: str) -> object:
    """Parses JSON as the standard has it, without NaN and infinities.

    Raises:
        ValueError: it is not such JSON.
    """
    try:
        value: object = json.loads(text, parse_constant=_no_constant, object_pairs_hook=no_key_twice)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    canonical(value)  # a number such as 1e999 is none either
    return value


def no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Returns the object that `pairs` make, for `object_pairs_hook`.

    Raises:
        ValueError: a key is given twice.
    """
    value = dict(pairs)
    if len(value) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(k for k in keys if keys.count(k) > 1)!r} is given twice")
    return value


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is no number in JSON")


def digest(value: object) -> str:
    """Returns the sha256 (64 hex digits) of the canonical form of `value`."""
    return hashlib.sha256(canonical(value)).hexdigest()


def readable(value: object) -> str:
    """Writes `value` as indented JSON with sorted keys and a final newline.

    Raises:
        ValueError: a number is NaN or infinite.
    """
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
