"""Computes the store path that content must have, so that a path proves its content and not the other way round.

Nix names plain files and derivations after a hash of what they hold. The rules are in Nix's manual, "Complete
Store Path Calculation": the first 160 bits, folded, of the sha256 of a fingerprint, in Nix's base 32.
"""

import hashlib
from collections.abc import Iterable

STORE = "/nix/store"
ALPHABET = "0123456789abcdfghijklmnpqrsvwxyz"
PATH_BYTES = 20


def source_path(name: str, nar_sha256: str) -> str:
    """Returns the path of a file or folder without references, `nar_sha256` in hex (`builtins.path`)."""
    return _path("source", nar_sha256, name)


def text_path(name: str, text: bytes, references: Iterable[str]) -> str:
    """Returns the path of a text with `references`, such as a derivation (`builtins.toFile`)."""
    kind = ":".join(["text", *sorted(references)])
    return _path(kind, hashlib.sha256(text).hexdigest(), name)


def fixed_path(name: str, sha256: str) -> str:
    """Returns the path of a single file that a derivation fixes by its `sha256` in hex (`outputHash`, flat)."""
    return _path("output:out", hashlib.sha256(f"fixed:out:sha256:{sha256}:".encode()).hexdigest(), name)


def _path(kind: str, sha256: str, name: str) -> str:
    digest = hashlib.sha256(f"{kind}:sha256:{sha256}:{STORE}:{name}".encode()).digest()
    folded = bytearray(PATH_BYTES)
    for position, byte in enumerate(digest):
        folded[position % PATH_BYTES] ^= byte
    return f"{STORE}/{base32(bytes(folded))}-{name}"


def base32(data: bytes) -> str:
    """Returns `data` in Nix's base 32: its own alphabet, the last bits first, no padding."""
    number = int.from_bytes(data, "little")
    length = (len(data) * 8 - 1) // 5 + 1
    return "".join(ALPHABET[number >> (5 * place) & 31] for place in reversed(range(length)))


def base32_sha256(text: str) -> str:
    """Returns the hex form of a sha256 that Nix wrote in its base 32 (52 characters).

    Raises:
        ValueError: it is none.
    """
    number = 0
    for character in text:
        number = number << 5 | ALPHABET.index(character)
    return number.to_bytes(32, "little").hex()
