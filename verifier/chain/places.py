"""A store in which pieces are rebuilt, on this machine or another, and the workers in it.

1. Sources and derivations are brought there; toolchain and `prepare` are built from them, and held against ours.
2. A piece is given the claimed outputs that it is made from, and its own; what the store had before is no claim.
3. The store's Nix builds the piece again and says whether the bits are those of the claim.
"""

import os
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from verifier import nix
from verifier.chain.claims import Claims
from verifier.chain.pieces import Piece
from verifier.chain.schedule import Attempt, Said, Worker
from verifier.errors import BadInput, CouldNotCheck
from verifier.nix import BuildFailed, Store
from verifier.nix_paths import restore
from verifier.nix_pieces import Leash, Rebuilt, delete, move, rebuild
from verifier.nixlog import Event
from verifier.rebuild.build import NO_ROOM, Build, build, explain_failure
from verifier.rebuild.folders import remove_tree
from verifier.rebuild.plan import Plan, written_with
from verifier.rebuild.second_store import SecondStore

# Nix 2.8 and later versions; what ends otherwise was ended, or lost its line.
SCRIPT_FAILED = re.compile(r"builder (for '.*' )?failed with exit code")
Listener = Callable[[str, Event], None]


@dataclass(kw_only=True)
class Place:
    """One store: `plan` is what is built in it from sources, `ours` what that gave on this machine.

    `host` is the machine that it is on; None for this one. `built` is set once it is ready.
    """

    name: str
    store: Store
    plan: Plan
    machine: Store
    claims: Claims
    ours: Build
    host: str | None = None
    built: Build | None = None
    events: list[Event] = field(default_factory=list)
    _brought: set[str] = field(default_factory=set)
    _moved: set[str] = field(default_factory=set)
    _changing: threading.Lock = field(default_factory=threading.Lock)

    def open(self, leash: Leash, listen: Callable[[Event], None]) -> None:
        """Builds there what no claim is believed for, once.

        Raises:
            VerifierError: it cannot be built, or came out otherwise than on this machine.
        """
        with self._changing:
            if self.built is None:
                needed = written_with(self.plan, self.machine)
                lacking = nix.invalid(self.store, needed)
                paths = [path for path in needed if path in lacking]
                move(paths, source=self.machine, target=self.store, leash=leash)
                try:
                    self.built = build(self.plan, self.store, listen)
                except BuildFailed as failed:
                    raise explain_failure(self.plan, failed.log) from failed
        other = [path for path, sha256 in self.built.hashes.items() if sha256 != self.ours.hashes[path]]
        if other:
            what = f"{self.plan.label(other[0])} came out otherwise in the store of {self.name}"
            raise CouldNotCheck(what, advice="Explain that first: verifier check MODEL --again")

    def bring(self, names: Sequence[str], leash: Leash) -> None:
        """Copies claims there.

        Raises:
            CouldNotCheck: they cannot be copied, or the store has something else in their place.
        """
        with self._changing:
            claims = [self.claims.known[name] for name in names if name not in self._brought]
            lacking = nix.invalid(self.store, [claim.path for claim in claims])
            there = [claim.path for claim in claims if claim.path not in lacking]
            hashes = nix.registered_sha256(self.store, there)
            for claim in claims:
                if claim.path in there and hashes[claim.path] != claim.sha256:
                    what = f"the store of {self.name} has other bits as {claim.path}"
                    raise CouldNotCheck(what, advice="Remove them there: nix-store --delete")
            paths = [claim.path for claim in claims if claim.path in lacking]
            move(paths, source=self.claims.store, target=self.store, leash=leash)
            self._moved.update(paths)
            self._brought.update(names)

    def fetch_other(self, piece: Piece, target: Path, leash: Leash) -> None:
        """Builds a piece once more in the place of its claim, and copies what comes out to `target`.

        Another machine's Nix keeps nothing of what it compared.

        Raises:
            CouldNotCheck: it cannot be had.
        """
        path = piece.output
        if path not in self._moved or not delete([path], self.store, leash):
            raise CouldNotCheck(f"{path} cannot be removed from {self.name}", advice="See its store.")
        self._brought.discard(piece.name)
        try:
            nix.realise([piece.derivation.path], self.store, lambda _: None)
            target.parent.mkdir(parents=True, exist_ok=True)
            remove_tree(target)
            restore(self.store, path, target)
        except BuildFailed as failed:
            raise CouldNotCheck(
                f"{path} cannot be built at {self.name}: {failed}", advice="See its log."
            ) from failed
        finally:
            delete([path], self.store, leash)

    def close(self) -> None:
        """Removes the claims from another machine's store: nobody built them there."""
        if self.host is not None and self._moved:
            delete(sorted(self._moved), self.store, Leash())


@dataclass(kw_only=True)
class Slot:
    """A worker of a place, on some of this machine's cores if it is here; see running.Able."""

    worker: Worker
    place: Place
    pieces: Mapping[str, Piece]
    listen: Listener
    cores: frozenset[int] = frozenset()
    second: SecondStore | None = None
    _leash: Leash = field(default_factory=Leash)

    def prepare(self) -> None:
        """Opens the place, on as few cores as its sandbox shows; then moves to the slot's own."""
        with self.second.on_its_cores() if self.second else nullcontext():
            self.place.open(self._leash, self._heard)
        if self.cores:
            os.sched_setaffinity(0, self.cores)  # of this thread, and of what it starts

    def attempt(self, piece: str) -> Attempt:
        """Rebuilds a piece."""
        self._leash.begin()
        one = self.pieces[piece]
        try:
            self.place.bring([*one.reads, piece], self._leash)
            done = rebuild(one.derivation.path, self.place.store, self._heard, self._leash)
        except CouldNotCheck as error:
            return self._lost(error.sentence)
        if done.ended_well:
            self.place.events.extend(done.log.events)
            return self._said(Said.EQUAL)
        if done.other_bits:
            kept = self.place.store.physical(f"{one.output}.check") if self.place.host is None else None
            return replace(self._said(Said.DIFFERS), kept=kept)
        return self._failed(one, done)

    def end(self) -> None:
        """Ends what is being done."""
        self._leash.end()

    def _heard(self, event: Event) -> None:
        self.listen(self.worker.name, event)

    def _said(self, said: Said, detail: str = "") -> Attempt:
        return Attempt(worker=self.worker.name, said=said, detail=detail)

    def _failed(self, piece: Piece, done: Rebuilt) -> Attempt:
        error = explain_failure(self.place.plan, done.log, piece.derivation.path)
        by_script = any(SCRIPT_FAILED.search(line) for line in done.log.errors)
        if by_script and isinstance(error, BadInput):
            return self._said(Said.FAILED, error.sentence)
        return self._lost(error.sentence, everything="\n".join([error.sentence, *done.log.errors]))

    def _lost(self, sentence: str, everything: str = "") -> Attempt:
        full = any(words in sentence + everything for words in (*NO_ROOM, "the disk is full"))
        return replace(self._said(Said.LOST, sentence), unfit=full)
