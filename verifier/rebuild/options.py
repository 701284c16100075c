"""What a check is told, and who is told what it does."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from verifier.nixlog import Event
from verifier.rebuild.remote import Remote
from verifier.rebuild.second_store import SecondStores
from verifier.rebuild.variations import NONE


@dataclass(frozen=True, kw_only=True)
class Chain:
    """How a claimed training is rebuilt piece by piece.

    `workers` are how many at a time on this machine (None: as many as have room, none where rebuilders are
    given). `claims` is a cache or folder that has the claimed outputs, None for the machine's own store.
    `piece_seconds` is how long a worker may have a piece. With `sample` so many chunks are drawn, by `seed` if
    that is given.
    """

    workers: int | None = None
    claims: str | None = None
    piece_seconds: float | None = None
    sample: int | None = None
    seed: str | None = None


class Watcher(Protocol):
    """Whoever shows a person what is going on."""

    def listen(self, which: str, event: Event) -> None:
        """Takes in one event of the `first`, `second` or a `varied` build."""

    def warn(self, sentence: str) -> None:
        """Says what went wrong beside the verdict."""

    def pause(self) -> None:
        """Makes room for another program's output."""

    def expect(self, seconds: Mapping[str, float], version: str) -> None:
        """Takes in how long builds should take, by their names, as the release `version` says."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """`flake` as Nix writes it, `url` and `revision` what it is resolved to; second builds are made in `stores`.

    `again` builds a second time even where a record says it was done. `vary` names variations
    (rebuild/variations.py); with `keep_going` they are tried after a difference too. `second_nix` is the folder of
    another Nix, which makes the second build. `rebuilders` build it too, and `rebuilder_verifier` is what they are
    asked to state it with; where `chain` is set they are its workers instead. With `replay` a training that a
    variation moved is run again, to name the first tensor.
    """

    flake: str
    url: str
    revision: str | None
    again: bool
    live: Watcher
    stores: SecondStores
    vary: str = NONE
    keep_going: bool = False
    second_nix: Path | None = None
    replay: bool = False
    rebuilders: tuple[Remote, ...] = ()
    rebuilder_verifier: str = "verifier"
    chain: Chain | None = None
