"""Rebuilds a claim piece by piece, each from the claimed one before, and says which of them is false.

1. The claim is fixed: which outputs are claimed, where, with which hashes. Then a sample is drawn, if asked for.
2. Each claimed chunk must say that it goes on from the claimed one before; that is seen without building.
3. Toolchain and data are built from sources, here and wherever pieces are rebuilt.
4. Every piece is rebuilt from the claimed ones that it is made from, by any worker in any order (schedule.py).
5. What differs is kept and compared. If every piece follows from those before, the last follows from the sources.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from verifier import nix
from verifier.chain.asked import Asked, Fixed
from verifier.chain.claims import Claims
from verifier.chain.crew import HERE, slots_of, workers_of
from verifier.chain.fixing import fix_claim
from verifier.chain.outcome import base_rows, piece_rows, places_of
from verifier.chain.pieces import base_of, by_name, pieces_of
from verifier.chain.places import Slot
from verifier.chain.running import Limits, run_board
from verifier.chain.sample import sample_words
from verifier.chain.schedule import Board, Said
from verifier.nix import BuildFailed, Store
from verifier.nixlog import Event, Log
from verifier.rebuild.build import Build, build, explain_failure, resources_of
from verifier.rebuild.options import Chain, Options
from verifier.rebuild.plan import Plan
from verifier.rebuild.two_builds import Second
from verifier.verdict import CLAIMED, Kept, Row, Sample, Status, Times

# A toolchain is built from sources before the first piece.
READY_SECONDS = 4 * 3600.0


@dataclass(frozen=True, kw_only=True)
class Chained:
    """The claim as a first build, what the rebuilds showed, and which chunks were drawn if not all were."""

    first: Build
    second: Second
    sample: Sample | None


def rebuild_pieces(plan: Plan, machine: Store, options: Options, chain: Chain) -> Chained:
    """Checks the claim on a plan; see the numbered steps above.

    Raises:
        BadInput: the options do not fit the model.
        CouldNotCheck: nothing is claimed, or nothing can be built here.
    """
    pieces = pieces_of(plan)
    workers = workers_of(plan, options, chain)
    with Claims(pieces, chain.claims) as claims:
        known = by_name(pieces)
        asked = Asked(plan=plan, machine=machine, options=options, chain=chain, pieces=known, claims=claims)
        fixed = fix_claim(asked)
        base = replace(plan, builds=base_of(plan, pieces))
        ours = _build_base(base, machine, options)
        slots = slots_of(workers, asked, ours)
        started = _now()
        board = _run(asked, fixed, slots)
        times = Times(started=started, finished=_now(), nix=nix.version())
        kept: list[Kept] = []
        rows = [*base_rows(asked, base, ours, slots, kept), *fixed.links]
        rows += piece_rows(asked, fixed, board, slots, kept)
        _bring_home(asked, rows)
        second = Second(
            rows=tuple(rows),
            surroundings=_surroundings(fixed, board, slots),
            kept=tuple(kept),
            times=times,
            whole=fixed.sample is None and all(row.status is Status.PASSED for row in rows),
            resources=_resources(plan, slots, fixed),
        )
        return Chained(first=_first(asked, ours), second=second, sample=fixed.sample)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _build_base(base: Plan, machine: Store, options: Options) -> Build:
    try:
        return build(base, machine, lambda event: options.live.listen("first", event))
    except BuildFailed as failed:
        raise explain_failure(base, failed.log) from failed


def _run(asked: Asked, fixed: Fixed, slots: Mapping[str, Slot]) -> Board:
    """Has the workers rebuild all pieces that are to be; shows how many are done."""
    todo = fixed.open
    board = Board(todo, [slot.worker for slot in slots.values()])

    def heard(now: Board) -> None:
        fields: dict[str, object] = {"event": "progress", "done": now.settled, "total": len(todo)}
        asked.options.live.listen("chain", Event(derivation="pieces", fields=fields))

    limits = Limits(
        piece_seconds=asked.chain.piece_seconds,
        ready_seconds=max(READY_SECONDS, asked.chain.piece_seconds or 0),
    )
    try:
        run_board(board, slots, limits, heard=heard)
    finally:
        nix.end_builds()  # of whoever is not ready yet
    for place, why in board.retired.items():
        asked.options.live.warn(f"{place} rebuilds nothing more: {why}")
    return board


def _bring_home(asked: Asked, rows: list[Row]) -> None:
    """Copies the claimed outputs of the steps to the machine's store, once what was asked for has held."""
    if asked.claims.store == Store() or any(row.status is not Status.PASSED for row in rows):
        return
    wanted = [asked.pieces[step].output for step in ("train", "evaluate", "package")]
    lacking = nix.invalid(asked.machine, wanted)
    paths = [path for path in wanted if path in lacking]
    if paths:
        nix.copy(paths, source=asked.claims.store, target=asked.machine)


def _first(asked: Asked, ours: Build) -> Build:
    """Returns the claim as if it were a build of ours."""
    derivations = {piece.derivation.path: name for name, piece in asked.pieces.items()}
    claimed = {
        path: asked.claims.known[name].sha256
        for path, name in derivations.items()
        if name in asked.claims.known
    }
    return Build(
        hashes={**ours.hashes, **claimed},
        origins={**ours.origins, **dict.fromkeys(claimed, CLAIMED)},
        altered=ours.altered,
        times=None,
        resources=ours.resources,
    )


def _resources(plan: Plan, slots: Mapping[str, Slot], fixed: Fixed) -> dict[str, dict[str, object]]:
    """Returns what the steps used; of a training of which only a part was done, nothing."""
    log = Log(events=[event for place in places_of(slots) for event in place.events])
    used = resources_of(plan, log)
    if fixed.sample is not None:
        used.pop("train", None)
    return used


def _surroundings(fixed: Fixed, board: Board, slots: Mapping[str, Slot]) -> str:
    """Returns how many pieces were rebuilt, and by whom, in words."""
    counts = dict.fromkeys(slots, 0)
    for name in fixed.open:
        for one in board.attempts(name):
            counts[one.worker] += one.said is not Said.LOST
    done = [
        f"{count} {'' if name.startswith(HERE) else 'on '}{name}" for name, count in counts.items() if count
    ]
    part = f"; {sample_words(fixed.sample)}" if fixed.sample else ""
    return f"piece by piece, each from the claimed ones before: {', '.join(done) or 'none'}{part}"
