"""What one check of a claim is about: the model, what is claimed of it, and what was found out before building."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from verifier.chain.claims import Claims
from verifier.chain.pieces import Piece
from verifier.nix import Store
from verifier.rebuild.folders import state_root
from verifier.rebuild.options import Chain, Options
from verifier.rebuild.plan import Plan
from verifier.verdict import Row, Sample, Status


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The claim on a plan, whose pieces are known by their names."""

    plan: Plan
    machine: Store
    options: Options
    chain: Chain
    pieces: Mapping[str, Piece]
    claims: Claims

    def folder(self, side: str, label: str) -> Path:
        """Returns where one of two outputs that differ is kept."""
        name = self.plan.model.derivation.rsplit("/", 1)[-1].removesuffix(".drv")
        return state_root() / "differences" / name / side / label


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """The claim, fixed: the pieces to look at, the sample that they were drawn by, and the rows of the links.

    `stopped` says of pieces what they come to without being rebuilt.
    """

    chosen: tuple[Piece, ...]
    sample: Sample | None
    links: tuple[Row, ...]
    stopped: Mapping[str, tuple[Status, str]]

    @property
    def open(self) -> list[str]:
        """The names of the pieces that are to be rebuilt."""
        return [piece.name for piece in self.chosen if piece.name not in self.stopped]
