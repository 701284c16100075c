"""Fixes a claim before anything is built: what there is of it, which chunks are drawn, and what hangs together."""

from collections.abc import Mapping

from verifier.chain.asked import Asked, Fixed
from verifier.chain.claims import CHANGED
from verifier.chain.links import link_faults
from verifier.chain.pieces import Piece
from verifier.chain.rows import chain_rows
from verifier.chain.sample import draw
from verifier.errors import CouldNotCheck
from verifier.verdict import Status

GIVE = "Build it (nix build .#{}), or name where the claimed outputs are: --claims FOLDER"
UNSAID = "not rebuilt: it does not even say that it follows from the claimed one before"


def fix_claim(asked: Asked) -> Fixed:
    """Draws the sample, fetches what is needed, and stops what need not be built.

    Raises:
        BadInput: a sample cannot be drawn as it was asked for.
        CouldNotCheck: no bundle is claimed.
    """
    claims = asked.claims
    _refuse_no_bundle(asked)
    chunks = [piece for piece in asked.pieces.values() if piece.number is not None]
    sample, count = None, asked.chain.sample
    if count is not None:
        sample = draw(count, len(chunks), claims.manifest_sha256(), asked.chain.seed)
    drawn = set(sample.chunks) if sample else {piece.number for piece in chunks}
    chosen = tuple(p for p in asked.pieces.values() if p.number is None or p.number in drawn)
    needed = dict.fromkeys(name for piece in chosen for name in (*piece.reads, piece.name))
    known = [name for name in needed if name in claims.known and name != "package"]
    faults = claims.fetch(known)
    lacking = {name: f"is not in {claims.words}" for name in needed if name not in claims.known}
    there = {*known, "package"} - faults.keys()
    broken = link_faults(chunks, claims, there)
    stopped = {piece.name: _stopped(piece, lacking, faults, broken) for piece in chosen}
    looked = [piece for piece in chunks if piece.name in there]
    unread = sum(bool(piece.reads) and piece.reads[0] not in there for piece in looked)
    return Fixed(
        chosen=chosen,
        sample=sample,
        links=tuple(chain_rows(len(looked), broken, unread)),
        stopped={name: why for name, why in stopped.items() if why is not None},
    )


def _refuse_no_bundle(asked: Asked) -> None:
    model, claims = asked.plan.model, asked.claims
    what = f"there is no claim of {model.name} {model.version} in {claims.words}"
    if "package" not in claims.known:
        raise CouldNotCheck(f"{what}: it has no bundle", advice=GIVE.format(model.name))
    faults = claims.fetch(["package"])
    if faults:
        raise CouldNotCheck(f"{what}: of the bundle, {faults['package']}", advice="Fetch it anew.")


def _stopped(
    piece: Piece, lacking: Mapping[str, str], faults: Mapping[str, str], broken: Mapping[str, str]
) -> tuple[Status, str] | None:
    """Returns what a piece comes to without being rebuilt; None where it is to be."""
    if faults.get(piece.name, "").startswith(CHANGED):
        return Status.FAILED, faults[piece.name]
    for name in (piece.name, *piece.reads):
        if name in lacking:
            return Status.NOT_CHECKED, f"the claim of {name} {lacking[name]}"
        if name in faults:
            return Status.NOT_CHECKED, f"of {name}: {faults[name]}"
    return (Status.NOT_CHECKED, UNSAID) if piece.name in broken else None
