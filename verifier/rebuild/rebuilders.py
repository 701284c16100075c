"""Rebuilds on other machines: their own Nix builds from the same sources, and what it gives is compared here.

1. Derivations and sources are copied to the other store, which substitutes nothing.
2. It builds what it lacks. What it had already is said so: nobody saw it being built for this.
3. Every step's output is hashed here, as it is sent; of toolchains that machine's word is taken.
4. What differs is fetched and explained, as between two builds on this machine.
5. The rebuilder states what its own store has built, and signs that itself (attested.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from verifier.compare import compare_trees
from verifier.derivation import Derivation
from verifier.errors import VerifierError
from verifier.life.weights import unproven
from verifier.nix import BuildFailed, Store
from verifier.nix_paths import restore
from verifier.nixlog import Event
from verifier.rebuild.attested import attested_by
from verifier.rebuild.build import Build, build, explain_failure
from verifier.rebuild.folders import copy_tree, remove_tree, state_root
from verifier.rebuild.options import Options
from verifier.rebuild.plan import Plan, fill
from verifier.rebuild.remote import Remote
from verifier.rebuild.rows import comparison_rows
from verifier.verdict import BUILT, ON, REBUILDER, Attested, Kept, Row, Status

THERE = "built there"


@dataclass(frozen=True, kw_only=True)
class Rebuilds:
    """What rebuilders gave: rows, both outputs of what differs, and their own statements."""

    rows: tuple[Row, ...] = ()
    kept: tuple[Kept, ...] = ()
    attested: tuple[Attested, ...] = ()


def rebuild_elsewhere(plan: Plan, machine: Store, first: Build, options: Options) -> Rebuilds:
    """Has every rebuilder of the options build the plan; one that cannot does not keep the others from it."""
    found = [_rebuild(remote, plan, machine, first, options) for remote in options.rebuilders]
    return Rebuilds(
        rows=tuple(row for one in found for row in one.rows),
        kept=tuple(pair for one in found for pair in one.kept),
        attested=tuple(statement for one in found for statement in one.attested),
    )


def _rebuild(remote: Remote, plan: Plan, machine: Store, first: Build, options: Options) -> Rebuilds:
    try:
        there = _build_there(remote, plan, machine, options)
    except VerifierError as error:
        return Rebuilds(rows=(unproven(REBUILDER, f"{plan.model.name}{ON}{remote.host}", error),))
    kept: list[Kept] = []
    compare = _fetching(remote, plan, machine, kept)
    rows = comparison_rows(plan, first, there, compare)
    return Rebuilds(
        rows=tuple(_there(row, remote) for row in rows if _is_shown(row, plan)),
        kept=tuple(kept),
        attested=_attested(remote, plan, options),
    )


def _build_there(remote: Remote, plan: Plan, machine: Store, options: Options) -> Build:
    fill(remote.store, plan, machine)

    def listen(event: Event) -> None:
        options.live.listen(remote.host, event)

    try:
        return build(plan, remote.store, listen)
    except BuildFailed as failed:
        raise explain_failure(plan, failed.log) from failed


def _fetching(
    remote: Remote, plan: Plan, machine: Store, kept: list[Kept]
) -> Callable[[Derivation], list[str]]:
    """Returns a function that fetches a differing output, keeps both, and compares them."""
    name = plan.model.derivation.rsplit("/", 1)[-1].removesuffix(".drv")
    root = state_root() / "differences" / name

    def compare(derivation: Derivation) -> list[str]:
        label = plan.label(derivation.path)
        first, second = root / "first" / label, root / remote.host / label
        copy_tree(machine.physical(derivation.output.path), first)
        second.parent.mkdir(parents=True, exist_ok=True)
        remove_tree(second)
        restore(remote.store, derivation.output.path, second)
        kept.append(Kept(subject=f"{label}{ON}{remote.host}", first=str(first), second=str(second)))
        return compare_trees(first, second)

    return compare


def _is_shown(row: Row, plan: Plan) -> bool:
    """Returns whether a row says more than that one of many parts of a toolchain is equal."""
    return row.subject in plan.model.steps or row.status is not Status.PASSED


def _there(row: Row, remote: Remote) -> Row:
    second = THERE if row.second == BUILT else row.second
    return replace(row, check=REBUILDER, subject=f"{row.subject}{ON}{remote.host}", second=second)


def _attested(remote: Remote, plan: Plan, options: Options) -> tuple[Attested, ...]:
    model = plan.model
    try:
        return (attested_by(remote, options.rebuilder_verifier, model.derivation, model.name, model.version),)
    except VerifierError as error:  # what was built there is compared all the same
        options.live.warn(f"{error.sentence}. {error.advice}")
        return ()
