"""Builds a plan twice, side by side where two cores are free, and compares the outputs.

1. Where a record says that the same outputs were built twice before, the second build is left out.
2. Else both are begun at once: the first in the machine's store, the second from sources in an empty one.
3. Where the first fails there is nothing to compare, and the second is ended.
"""

import os
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path

from verifier import nix
from verifier.derivation import Derivation
from verifier.errors import CouldNotCheck
from verifier.nix import BuildFailed, Store
from verifier.rebuild import records
from verifier.rebuild.build import Build, build, explain_failure
from verifier.rebuild.folders import copy_tree, state_root
from verifier.rebuild.gpu import sandbox_paths
from verifier.rebuild.options import Options
from verifier.rebuild.plan import Plan, fill
from verifier.rebuild.rows import comparison_rows, differing_files, failed_second_build
from verifier.rebuild.second_store import SecondStore
from verifier.verdict import BUILT, PRESENT, Kept, Row, Times


@dataclass(frozen=True, kw_only=True)
class Second:
    """What the second build showed."""

    rows: tuple[Row, ...]
    surroundings: str
    kept: tuple[Kept, ...] = ()
    # Both outputs of `evaluate` where they differ: a contract may allow that of metrics and golden outputs.
    answers: tuple[Path, Path] | None = None
    # Whether a record says so, and nothing was built a second time.
    known: bool = False
    # Whether all of the training was done again, and came out as before: of a claim only a part may have been.
    whole: bool = True
    times: Times | None = None
    resources: dict[str, dict[str, object]]


def build_twice(plan: Plan, machine: Store, options: Options) -> tuple[Build, Second]:
    """Returns the first build, and what the second showed.

    Raises:
        BadInput: it cannot be built because of what somebody wrote.
        CouldNotCheck: it cannot be built here.
    """
    first = None
    if not (options.again or options.second_nix) and records.find(plan.model.derivation) is not None:
        first = _first_build(plan, machine, options)
        known = _known(plan, first)
        if known is not None:
            return first, known
    shared = sandbox_paths(plan.builds)
    if shared or len(os.sched_getaffinity(0)) < 2:  # a device is not for two at once
        first = first or _first_build(plan, machine, options)
    opened = options.stores.get(shared, options.second_nix)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(_second_build, plan, machine, opened, options)
        try:
            first = first or _first_build(plan, machine, options)
            return first, _compared(plan, machine, first, running, opened, options)
        finally:
            while not running.done():  # the first failed, or somebody interrupts
                nix.end_builds()
                wait([running], timeout=0.2)


def _first_build(plan: Plan, machine: Store, options: Options) -> Build:
    try:
        return build(plan, machine, lambda event: options.live.listen("first", event))
    except BuildFailed as failed:
        raise explain_failure(plan, failed.log) from failed


def _second_build(plan: Plan, machine: Store, opened: SecondStore, options: Options) -> Build:
    with opened.on_its_cores():
        fill(opened.store, plan, machine)
        second = build(plan, opened.store, lambda event: options.live.listen("second", event))
    # What is there already was built for another model of this command, from the same derivation.
    origins = {path: BUILT if origin == PRESENT else origin for path, origin in second.origins.items()}
    return replace(second, origins=origins)


def _known(plan: Plan, first: Build) -> Second | None:
    """Returns what a record says, if it is about these outputs."""
    record = records.find(plan.model.derivation)
    if record is None or record.hashes != first.hashes:
        return None
    again = Build(
        hashes=record.hashes, origins=dict.fromkeys(record.hashes, f"known, {record.date}"), resources={}
    )
    rows = comparison_rows(plan, first, again, lambda _: [])
    return Second(rows=tuple(rows), surroundings=record.surroundings, resources={}, known=True)


def _compared(
    plan: Plan, machine: Store, first: Build, running: "Future[Build]", opened: SecondStore, options: Options
) -> Second:
    other = options.second_nix
    cores = f"{opened.cores} {'core' if opened.cores == 1 else 'cores'}"
    by = f"by Nix {nix.version(other)} after {nix.version()}, " if other else ""
    surroundings = f"{by}from sources, in an empty store that shows {cores}"
    try:
        second = running.result()
    except BuildFailed as failed:
        reason = explain_failure(plan, failed.log)
        if isinstance(reason, CouldNotCheck):
            raise reason from failed
        tail = failed.log.last_lines()
        row = failed_second_build(plan, reason.sentence, machine.physical(plan.model.path), tail)
        return Second(rows=(row,), surroundings=surroundings, resources={})
    rows = comparison_rows(plan, first, second, differing_files(machine, opened.store))
    kept, answers = [], None
    try:
        for derivation, row in zip(plan.builds, rows, strict=True):
            if row.differences:
                first_place, second_place = _keep(plan, derivation, machine, opened)
                kept.append(Kept(subject=row.subject, first=str(first_place), second=str(second_place)))
            if row.subject == "evaluate" and row.first_sha256 != row.second_sha256:
                answers = _keep(plan, derivation, machine, opened)
    except OSError as error:
        options.live.warn(f"the differing outputs cannot be kept: {error}")
    return Second(
        rows=tuple(rows),
        surroundings=surroundings,
        kept=tuple(kept),
        answers=answers,
        times=second.times,
        resources=second.resources,
    )


def _keep(plan: Plan, derivation: Derivation, machine: Store, opened: SecondStore) -> tuple[Path, Path]:
    """Copies both outputs of a build to the folder of kept differences."""
    name = plan.model.derivation.rsplit("/", 1)[-1].removesuffix(".drv")
    places = []
    for side, store in (("first", machine), ("second", opened.store)):
        places.append(state_root() / "differences" / name / side / plan.label(derivation.path))
        copy_tree(store.physical(derivation.output.path), places[-1])
    return places[0], places[1]
