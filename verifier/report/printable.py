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
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)


def counted(count: int, what: str) -> str:
    """Returns a number with its noun, which has an ordinary plural: `1 entry`, `2 entries`."""
    if count == 1:
        return f"1 {what}"
    return f"{count} {what[:-1]}ies" if what.endswith("y") else f"{count} {what}s"


def complain(error: Complaint) -> None:
    """Says an error on stderr, its advice below."""
    print(f"verifier: {printable(error.sentence)}\n  {printable(error.advice)}", file=sys.stderr)
