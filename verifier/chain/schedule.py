"""Who rebuilds which piece, and what it means what they said: pure, so that any failure can be played through.

1. A piece goes to one worker at a time, in any order; where one said that it differs, another is asked too.
2. A worker that loses a piece (it died, hangs, is full) says nothing about it: the piece goes to another.
3. A place whose workers lost two each in a row gets nothing more.
4. Two that disagree are both named, and neither is believed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

# For each worker of a place.
MOST_LOST_IN_A_ROW = 2
MOST_TRIES_OF_ONE = 2


class Said(StrEnum):
    """What came of one attempt; `FAILED` is a build that the piece's own script refused, or that crashed."""

    EQUAL = "equal"
    DIFFERS = "differs"
    FAILED = "failed"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Who rebuilds, and where: workers of one place share its store, its disk and its line."""

    name: str
    place: str


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What one worker said of a piece.

    `unfit` says that its place is of no more use; `again` that the same worker may try the piece once more. Of
    what differs `sha256` is the NAR hash (hex) and `kept` where it lies, if that is known.
    """

    worker: str
    said: Said
    detail: str = ""
    unfit: bool = False
    again: bool = True
    sha256: str | None = None
    kept: Path | None = None


class Judged(StrEnum):
    """What all attempts on a piece come to."""

    EQUAL = "equal"
    DIFFERS = "differs"
    FAILED = "failed"
    DISPUTED = "disputed"
    NOT_DONE = "not done"


def judged(attempts: Sequence[Attempt]) -> Judged:
    """Returns what all attempts come to."""
    said = {one.said for one in attempts} - {Said.LOST}
    if not said:
        return Judged.NOT_DONE
    if Said.EQUAL in said:
        return Judged.EQUAL if said == {Said.EQUAL} else Judged.DISPUTED
    return Judged.DIFFERS if Said.DIFFERS in said else Judged.FAILED


class Board:
    """Which pieces are open, and who may take them."""

    def __init__(self, pieces: Sequence[str], workers: Sequence[Worker]) -> None:
        self._pieces = list(pieces)
        self._workers = {worker.name: worker for worker in workers}
        self._attempts: dict[str, list[Attempt]] = {piece: [] for piece in pieces}
        self._running: dict[str, str] = {}
        self._in_a_row: dict[str, int] = {}
        self._retired: dict[str, str] = {}

    def attempts(self, piece: str) -> tuple[Attempt, ...]:
        """Returns what was said of a piece."""
        return tuple(self._attempts[piece])

    @property
    def retired(self) -> dict[str, str]:
        """The places that get nothing more, and why."""
        return dict(self._retired)

    @property
    def settled(self) -> int:
        """How many pieces need nothing more, or can have nothing more."""
        return sum(self._is_settled(piece) for piece in self._pieces)

    @property
    def over(self) -> bool:
        """Whether nothing is left to do."""
        return self.settled == len(self._pieces)

    def take(self, worker: str) -> str | None:
        """Returns a piece for the worker, which is now its; None where there is none for it now.

        What somebody has said to differ comes first.
        """
        doubted = [piece for piece in self._pieces if self._opinions(piece)]
        for piece in dict.fromkeys([*doubted, *self._pieces]):
            if piece not in self._running and not self._is_settled(piece) and self._may(worker, piece):
                self._running[piece] = worker
                return piece
        return None

    def report(self, piece: str, attempt: Attempt) -> None:
        """Takes in what came of a piece that was taken."""
        self._running.pop(piece, None)
        self._attempts[piece].append(attempt)
        place = self._workers[attempt.worker].place
        lost = attempt.said is Said.LOST
        self._in_a_row[place] = self._in_a_row.get(place, 0) + 1 if lost else 0
        most = MOST_LOST_IN_A_ROW * sum(one.place == place for one in self._workers.values())
        if attempt.unfit or self._in_a_row[place] >= most:
            self._retired.setdefault(place, attempt.detail)

    def retire(self, worker: str, why: str) -> None:
        """Gives nothing more to the place of a worker."""
        self._retired.setdefault(self._workers[worker].place, why)

    def _opinions(self, piece: str) -> list[Attempt]:
        return [one for one in self._attempts[piece] if one.said is not Said.LOST]

    def _is_settled(self, piece: str) -> bool:
        if piece in self._running:
            return False
        opinions = self._opinions(piece)
        if len(opinions) > 1 or any(one.said is Said.EQUAL for one in opinions):
            return True
        return not any(self._may(worker, piece) for worker in self._workers)

    def _may(self, worker: str, piece: str) -> bool:
        """Returns whether a worker may take the piece: those who have not had it come first."""
        able = [name for name in self._workers if self._is_able(name, piece)]
        had = {one.worker for one in self._attempts[piece]}
        places = {self._workers[name].place for name in had}
        elsewhere = [name for name in able if self._workers[name].place not in places]
        fresh = [name for name in able if name not in had]
        return worker in (elsewhere or fresh or able)

    def _is_able(self, worker: str, piece: str) -> bool:
        if self._workers[worker].place in self._retired:
            return False
        own = [one for one in self._attempts[piece] if one.worker == worker]
        lost_for_now = all(one.said is Said.LOST and one.again for one in own)
        return lost_for_now and len(own) < MOST_TRIES_OF_ONE
