"""What a check is told, and who is told what it does."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from verifier.nixlog import Event
from verifier.rebuild.remote import Remote
from verifier.rebuild.second_store import SecondStores
from verifier.rebuild.variations import NONE


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
    asked to state it with. With `replay` a training that a variation moved is run again, to
    name the first tensor.
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
