"""One way to show text that somebody else wrote: nothing in it can write to the terminal."""

import sys
from typing import Protocol


class Complaint(Protocol):
    """What went wrong, and what to do about it: an error, or a refusal."""

    @property
    def sentence(self) -> str:
        """What went wrong."""

    @property
    def advice(self) -> str:
        """What to do."""


def printable(line: str) -> str:
    """Returns a line in which nothing writes to the terminal but text, and no new line begins."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)


def complain(error: Complaint) -> None:
    """Says an error on stderr, its advice below."""
    print(f"verifier: {printable(error.sentence)}\n  {printable(error.advice)}", file=sys.stderr)
