"""From what workers said to the rows of a verdict; takes values, returns values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from verifier.chain.crew import HERE
from verifier.chain.pieces import Piece
from verifier.chain.schedule import Attempt, Judged, Said, judged
from verifier.verdict import CHAIN, CLAIMED, ON, REBUILD, Row, Status

REBUILT = "rebuilt"
MOST_REASONS = 3


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What came of one piece: the attempts on it, and why none was made where it was stopped before.

    `sha256` is that of the claim; `other_sha256` and `differences` are there where its other output could be had.
    """

    piece: Piece
    sha256: str | None
    attempts: tuple[Attempt, ...] = ()
    stopped: tuple[Status, str] | None = None
    other_sha256: str | None = None
    differences: tuple[str, ...] = ()
    nobody_left: str = ""


def piece_row(looked: Looked) -> Row:
    """Returns the row of a piece, which says who rebuilt it and what came out."""
    came_to = judged(looked.attempts)
    status, detail = looked.stopped or _came_to(came_to, looked)
    equal = came_to is Judged.EQUAL and looked.stopped is None
    return Row(
        check=REBUILD,
        subject=looked.piece.name,
        status=status,
        detail=detail,
        first=CLAIMED if looked.sha256 else "",
        second="" if looked.stopped else _by(looked.attempts),
        first_sha256=looked.sha256,
        second_sha256=looked.sha256 if equal else looked.other_sha256,
        differences=looked.differences,
    )


def _came_to(came_to: Judged, looked: Looked) -> tuple[Status, str]:
    said = [one for one in looked.attempts if one.said is not Said.LOST]
    match came_to:
        case Judged.EQUAL:
            return Status.PASSED, "equal"
        case Judged.DIFFERS:
            return (
                Status.FAILED,
                f"{_count(looked.differences)}: it does not follow from {_before(looked.piece)}",
            )
        case Judged.FAILED:
            return Status.FAILED, f"it cannot be built from {_before(looked.piece)}: {said[0].detail}"
        case Judged.DISPUTED:
            return Status.NOT_CHECKED, f"{_dispute(said)}; neither is believed"
    lost = [f"{one.worker}: {one.detail}" for one in looked.attempts]
    reasons = "; ".join(dict.fromkeys([*lost, *([looked.nobody_left] if looked.nobody_left else [])]))
    return Status.NOT_CHECKED, f"nobody could rebuild it: {reasons or 'no worker was left'}"


def _count(differences: Sequence[str]) -> str:
    if not differences:
        return "differs"
    return f"differs in {len(differences)} {'place' if len(differences) == 1 else 'places'}"


def _before(piece: Piece) -> str:
    """Returns what a piece is made from, in words."""
    if not piece.reads:
        return "data and code"
    first, last = piece.reads[0], piece.reads[-1]
    return f"the claimed {first}" if len(piece.reads) == 1 else f"the claimed {first} to {last}"


def _dispute(said: Sequence[Attempt]) -> str:
    words = {Said.EQUAL: "it is equal", Said.DIFFERS: "it differs", Said.FAILED: "it cannot be built"}
    return ", ".join(f"{one.worker} says that {words[one.said]}" for one in said)


def _by(attempts: Sequence[Attempt]) -> str:
    """Returns who rebuilt it: *rebuilt here*, *rebuilt on HOST*, or both."""
    names = dict.fromkeys(one.worker for one in attempts if one.said is not Said.LOST)
    places = dict.fromkeys("here" if name.startswith(f"{HERE} ") else f"on {name}" for name in names)
    return f"{REBUILT} {' and '.join(places)}" if places else ""


def chain_rows(count: int, faults: Mapping[str, str], unread: int) -> list[Row]:
    """Returns a row for each chunk that cannot follow from the one before, or the one row that says all do.

    `count` are the chunks that were looked at; `unread` are links of which one end is not here.
    """
    if faults:
        return [
            Row(check=CHAIN, subject=name, status=Status.FAILED, detail=detail)
            for name, detail in faults.items()
        ]
    if not count:
        return []
    left = f"; {unread} of them could not be compared" if unread else ""
    detail = f"each says that it goes on from the one before{left}"
    return [Row(check=CHAIN, subject=f"{count} chunks", status=Status.PASSED, detail=detail)]


def elsewhere_row(row: Row, place: str) -> Row:
    """Returns a row on what a rebuilder built from sources, named for it."""
    return Row(**{**row.__dict__, "subject": f"{row.subject}{ON}{place}"})
