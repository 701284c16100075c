"""What is odd in a policy, and where it stands."""

from dataclasses import dataclass
from enum import StrEnum

Place = tuple[str | int, ...]


class Kind(StrEnum):
    """What a finding means: no bundle gets through, a demand refuses nothing, or a person should look at it."""

    NEVER_PASSES = "never passes"
    NEVER_FAILS = "never fails"
    LOOK = "look"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something odd; `place` are the keys and indices that lead to it in the file."""

    kind: Kind
    place: Place
    sentence: str


def never_passes(sentence: str, *place: str | int) -> Finding:
    """Returns a finding for which no bundle gets through."""
    return Finding(kind=Kind.NEVER_PASSES, place=place, sentence=sentence)


def never_fails(sentence: str, *place: str | int) -> Finding:
    """Returns a finding about a demand that refuses nothing."""
    return Finding(kind=Kind.NEVER_FAILS, place=place, sentence=sentence)


def look(sentence: str, *place: str | int) -> Finding:
    """Returns a finding that a person should look at."""
    return Finding(kind=Kind.LOOK, place=place, sentence=sentence)
