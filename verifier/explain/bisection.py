"""Finds where two traces part by bisection on the chain of digests: a few dozen reads, whatever their length.

A chain can lie, so the answer is held against the lines: those before are equal, those found differ, and each has
the chain that follows from its text (docs/reference/trace.md).
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from verifier.explain.findings import OtherKind
from verifier.trace import LONGEST_LINE, QUANTITIES, parsed_line

CHAIN = re.compile(r"[0-9a-f]{32}")
NO_CHAIN = "0" * 32
FIELDS = {"step", "chain", *QUANTITIES}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: its bytes, and what they say."""

    text: bytes
    fields: Mapping[str, object]

    @property
    def chain(self) -> str:
        """The digest over all lines up to this."""
        return str(self.fields["chain"])


@dataclass(frozen=True, kw_only=True)
class Parting:
    """The first step that differs; a line is None where that trace has ended. `counts` are the steps of both."""

    step: int
    first: Line | None
    second: Line | None
    counts: tuple[int, int]


class Steps:
    """A file of steps, read line by line at any place."""

    def __init__(self, path: Path) -> None:
        """Opens the file.

        Raises:
            OtherKind: its lines do not all have the length of the first.
        """
        self._file = path.open("rb")
        self.length = len(self._file.readline(LONGEST_LINE)) or 1
        self.count, rest = divmod(path.stat().st_size, self.length)
        if rest:
            self._file.close()
            raise OtherKind(f"the trace is damaged: its lines do not all have {self.length} bytes")

    def __enter__(self) -> "Steps":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def line(self, step: int) -> Line:
        """Returns the line of a step, counted from 1.

        Raises:
            OtherKind: it is no line of a trace, or that of another step.
        """
        self._file.seek((step - 1) * self.length)
        text = self._file.read(self.length)
        fields = parsed_line(text)
        whole = fields is not None and fields.keys() == FIELDS and text.find(b"\n") == self.length - 1
        if not whole or fields is None or fields["step"] != step or not CHAIN.fullmatch(str(fields["chain"])):
            raise OtherKind(f"the trace is damaged: line {step:,} is not that of step {step:,}")
        return Line(text=text, fields=fields)

    def chain(self, step: int) -> str:
        """Returns the chain up to a step; that before the first is known."""
        return self.line(step).chain if step else NO_CHAIN


def first_parting(first: Path, second: Path) -> Parting | None:
    """Returns where two files of steps part; None where all chains and both lengths are equal.

    Raises:
        OtherKind: one of the two is damaged where it was read, or its chain does not follow from its lines.
    """
    with Steps(first) as a, Steps(second) as b:
        counts = a.count, b.count
        equal, different = 0, min(counts) + 1  # as far as is known
        while different - equal > 1:
            middle = (equal + different) // 2
            if a.chain(middle) == b.chain(middle):
                equal = middle
            else:
                different = middle
        if equal == max(counts):
            return None
        lines = [steps.line(different) if different <= steps.count else None for steps in (a, b)]
        _verify(a, b, equal, lines)
        return Parting(step=different, first=lines[0], second=lines[1], counts=counts)


def _verify(a: Steps, b: Steps, equal: int, lines: list[Line | None]) -> None:
    before = [steps.line(equal).text if equal else b"" for steps in (a, b)]
    if before[0] != before[1]:
        raise OtherKind(f"the trace is damaged: line {equal:,} differs, its chain does not")
    chain = a.chain(equal)
    for line in lines:
        if line is not None and line.chain != _following(chain, line.text):
            raise OtherKind(
                f"the trace is damaged: the chain of step {equal + 1:,} does not follow from its line"
            )


def _following(chain: str, text: bytes) -> str:
    body = text[1:].rpartition(b',"chain"')[0]
    return hashlib.sha256(chain.encode() + body).hexdigest()[:32]
