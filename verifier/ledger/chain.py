"""What holds entries together: each has the digest of the one before, and the head counts the last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from verifier.clock import parse_time
from verifier.ledger.entries import BEGINNING, KINDS, Entry


@dataclass(frozen=True, kw_only=True)
class Head:
    """How many entries there are, and the sha256 (hex) of the last."""

    count: int
    sha256: str


def broken(entries: Sequence[Entry]) -> Iterator[str]:
    """Yields what is wrong with the entries themselves, their numbers and their order."""
    previous, number = BEGINNING, 1
    for entry in entries:
        if entry.number != number:
            yield f"after entry {number - 1} comes entry {entry.number}"
        if not entry.intact:
            yield f"entry {entry.number} is not what its digest was taken of"
        if entry.previous != previous:
            yield f"entry {entry.number} does not follow the entry before it"
        if entry.kind not in KINDS:
            yield f"entry {entry.number} is of the unknown kind {entry.kind[:40]!r}"
        previous, number = entry.sha256, entry.number + 1


def backwards(entries: Sequence[Entry]) -> Iterator[str]:
    """Yields where time goes back."""
    last = None
    for entry in entries:
        try:
            time = parse_time(entry.time)
        except ValueError:
            yield f"entry {entry.number} has no time"
            continue
        if last is not None and time < last:
            yield f"entry {entry.number} is of {entry.time}, and the one before is later"
        last = time


def miscounted(entries: Sequence[Entry], head: Head | None) -> Iterator[str]:
    """Yields where the head is not that of the entries."""
    last = entries[-1].sha256 if entries else BEGINNING
    if head is None:
        yield "it is gone"
    elif head.count != len(entries):
        yield f"it counts {head.count} entries, and there are {len(entries)}"
    elif head.sha256 != last:
        yield "it names another entry as the last"
