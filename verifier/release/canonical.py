"""Two ways to write a release as JSON: the compact form that its digest is taken over, and the one for people."""

import json
from collections.abc import Mapping

from verifier.canonical import digest_of


def release_digest(document: Mapping[str, object]) -> str:
    """Returns the sha256 (hex) of the canonical JSON (docs/reference/lock.md) of all but the key `digest`.

    Raises:
        ValueError: it holds what JSON has no word for, or is nested too deeply.
    """
    return digest_of({key: value for key, value in document.items() if key != "digest"})


def readable(document: Mapping[str, object]) -> str:
    """Returns the document with sorted keys, a line each; what is not printable is escaped."""
    text = json.dumps(dict(document), sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
