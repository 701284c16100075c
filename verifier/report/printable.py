"""One way to show text that somebody else wrote: nothing in it can write to the terminal."""

import sys

from verifier.errors import VerifierError


def printable(line: str) -> str:
    """Returns a line in which nothing writes to the terminal but text, and no new line begins."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)


def complain(error: VerifierError) -> None:
    """Says an error on stderr, its advice below."""
    print(f"verifier: {printable(error.sentence)}\n  {printable(error.advice)}", file=sys.stderr)
