"""What was found of one part of the machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a part is: `limited` where it does less than it could."""

    OK = "ok"
    LIMITED = "limited"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True)
class Found:
    """One part; `remedy` is empty where all is well. Without a part that is `needed` no model is checked here."""

    part: str
    state: State
    detail: str
    remedy: str = ""
    needed: bool = False


def lacking(found: Sequence[Found]) -> list[Found]:
    """Returns what keeps this machine from any check; nothing where one can be made."""
    return [one for one in found if one.needed and one.state is State.MISSING]
