"""What the workers gave, as rows; what differs is fetched, kept and compared."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from verifier.chain.asked import Asked, Fixed
from verifier.chain.places import Place, Slot
from verifier.chain.rows import Looked, elsewhere_row, piece_row
from verifier.chain.schedule import Board, Judged, Said, judged
from verifier.compare import compare_trees
from verifier.derivation import Derivation
from verifier.errors import CouldNotCheck, VerifierError
from verifier.nar import nar_sha256
from verifier.nix_paths import restore
from verifier.nix_pieces import Leash
from verifier.rebuild.build import Build
from verifier.rebuild.folders import copy_tree, remove_tree
from verifier.rebuild.plan import Plan
from verifier.rebuild.rows import comparison_rows
from verifier.verdict import Kept, Row, Status

MOST_KEPT = 3


def places_of(slots: Mapping[str, Slot]) -> list[Place]:
    """Returns all places, those of the first workers first."""
    return list({slot.place.name: slot.place for slot in slots.values()}.values())


def base_rows(
    asked: Asked, base: Plan, ours: Build, slots: Mapping[str, Slot], kept: list[Kept]
) -> list[Row]:
    """Returns the rows of toolchain and data: here and at the first place, then what others got otherwise."""
    rows: list[Row] = []
    for place in places_of(slots):
        if place.built is None:
            continue

        def compare(derivation: Derivation, place: Place = place) -> list[str]:
            return _compared(asked, place, derivation, kept)

        found = comparison_rows(base, ours, place.built, compare)
        if not rows:
            rows = found
        else:
            rows += [elsewhere_row(row, place.name) for row in found if row.status is not Status.PASSED]
    return rows


def _compared(asked: Asked, place: Place, derivation: Derivation, kept: list[Kept]) -> list[str]:
    """Keeps both outputs of what a place built otherwise from sources, and returns where they differ."""
    label, path = asked.plan.label(derivation.path), derivation.output.path
    first, second = asked.folder("first", label), asked.folder(place.name, label)
    copy_tree(asked.machine.physical(path), first)
    if place.host is None:
        copy_tree(place.store.physical(path), second)
    else:
        second.parent.mkdir(parents=True, exist_ok=True)
        remove_tree(second)
        restore(place.store, path, second)
    kept.append(Kept(subject=label, first=str(first), second=str(second)))
    return compare_trees(first, second)


def piece_rows(
    asked: Asked, fixed: Fixed, board: Board, slots: Mapping[str, Slot], kept: list[Kept]
) -> list[Row]:
    """Returns the row of each piece; removes the claims from other machines, once nothing more is needed."""
    gone = "; ".join(f"{place}: {why}" for place, why in board.retired.items())
    rows = []
    for piece in fixed.chosen:
        claim = asked.claims.known.get(piece.name)
        attempts = () if piece.name in fixed.stopped else board.attempts(piece.name)
        looked = Looked(
            piece=piece,
            sha256=claim.sha256 if claim else None,
            attempts=attempts,
            stopped=fixed.stopped.get(piece.name),
            nobody_left=gone,
        )
        if judged(attempts) in (Judged.DIFFERS, Judged.DISPUTED) and len(kept) < MOST_KEPT:
            looked = _with_other(asked, looked, slots, kept)
        rows.append(piece_row(looked))
    for place in places_of(slots):
        with suppress(CouldNotCheck):
            place.close()
    return rows


def _with_other(asked: Asked, looked: Looked, slots: Mapping[str, Slot], kept: list[Kept]) -> Looked:
    """Returns the same with what differs, where the other output can be had; both outputs are kept."""
    name = looked.piece.name
    first, second = asked.folder("first", name), asked.folder("second", name)
    differing = [one for one in looked.attempts if one.said is Said.DIFFERS]
    try:
        near = next((one.kept for one in differing if one.kept is not None and one.kept.exists()), None)
        if near is not None:
            copy_tree(near, second)
        else:
            slots[differing[0].worker].place.fetch_other(looked.piece, second, Leash())
        copy_tree(asked.claims.folder(name), first)
        sha256 = nar_sha256(second)
        if sha256 == looked.sha256:  # it says so, and has nothing to show
            return looked
    except (VerifierError, OSError) as error:
        why = error.sentence if isinstance(error, VerifierError) else str(error)
        asked.options.live.warn(f"what {name} gave elsewhere cannot be shown: {why}")
        return looked
    kept.append(Kept(subject=name, first=str(first), second=str(second)))
    return replace(looked, other_sha256=sha256, differences=tuple(compare_trees(first, second)))
