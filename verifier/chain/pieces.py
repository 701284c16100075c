"""What a claim is made of: the chunks of a training, what joins them, and what is made of that."""

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.derivation import Derivation
from verifier.errors import BadInput
from verifier.flake import MKMODEL
from verifier.rebuild.plan import Plan

# The steps behind the chunks; what lies before them is built from sources, and never claimed.
CLAIMED_STEPS = ("train", "evaluate", "package")


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One output that is claimed, and can be rebuilt on its own from others that are.

    `number` is that of a chunk, from 1; None of a step. `reads` are the names of the pieces that it is made from.
    """

    name: str
    derivation: Derivation
    number: int | None
    reads: tuple[str, ...]

    @property
    def output(self) -> str:
        """The store path that is claimed."""
        return self.derivation.output.path


def pieces_of(plan: Plan) -> tuple[Piece, ...]:
    """Returns the chunks in their order, then the steps behind them.

    Raises:
        BadInput: the chunks are no chain, in which each reads the one before and no other.
    """
    builds = {build.path: build for build in plan.builds}
    wanted = [*plan.model.chunks, *(plan.model.steps[step] for step in CLAIMED_STEPS)]
    names = {path: plan.label(path) for path in wanted}
    found = []
    for path in wanted:
        if path not in builds:
            raise BadInput(f"{path} is no part of the bundle of {plan.model.name}", advice=MKMODEL)
        number = plan.model.chunks.index(path) + 1 if path in plan.model.chunks else None
        reads = tuple(names[below] for below in wanted if below in builds[path].input_derivations)
        found.append(Piece(name=names[path], derivation=builds[path], number=number, reads=reads))
    _refuse_holes(found, plan)
    return tuple(found)


def _refuse_holes(pieces: list[Piece], plan: Plan) -> None:
    chunks = [piece for piece in pieces if piece.number is not None]
    for before, piece in zip([None, *chunks], chunks, strict=False):
        if piece.reads != (() if before is None else (before.name,)):
            wanted = "no chunk" if before is None else f"{before.name} alone"
            read = " and ".join(piece.reads) or "none"
            raise BadInput(
                f"the chunks of {plan.model.name} are no chain: {piece.name} reads {read}, not {wanted}",
                advice=MKMODEL,
            )
    if chunks and chunks[-1].name not in by_name(pieces)["train"].reads:
        raise BadInput(f"train of {plan.model.name} does not read {chunks[-1].name}", advice=MKMODEL)


def by_name(pieces: list[Piece] | tuple[Piece, ...]) -> Mapping[str, Piece]:
    """Returns pieces by their names."""
    return {piece.name: piece for piece in pieces}


def base_of(plan: Plan, pieces: tuple[Piece, ...]) -> tuple[Derivation, ...]:
    """Returns the builds that are not claimed: the toolchain and all that it is made of, and `prepare`."""
    claimed = {piece.derivation.path for piece in pieces}
    return tuple(build for build in plan.builds if build.path not in claimed)
