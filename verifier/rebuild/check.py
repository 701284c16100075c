"""`verifier check`: the steps of the proof, in order, for one model.

1. The flake says which derivation the model is.
2. Its sources are brought in, and hashed against what fixes them.
3. The model is built in the machine's store, or was already.
4. It is built again, from sources, in an empty store; or a record says that this was done.
5. Every output is read and hashed by us, and the two builds are compared, toolchain included.
6. Its steps are built under changed surroundings, and compared too.
7. The bundle is held against its manifest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from verifier import nix
from verifier.bundle import read_bundle
from verifier.errors import BadInput, CouldNotCheck
from verifier.flake import Model
from verifier.nix import BuildFailed, Store
from verifier.nixlog import Event
from verifier.rebuild import records
from verifier.rebuild.build import Build, build, explain_failure
from verifier.rebuild.explaining import explain_kept
from verifier.rebuild.folders import copy_tree, state_root
from verifier.rebuild.gpu import sandbox_paths
from verifier.rebuild.plan import Plan, make_plan, written_with
from verifier.rebuild.replay import replay
from verifier.rebuild.rows import bundle_rows, comparison_rows, differing_files, failed_second_build
from verifier.rebuild.second_store import SecondStore, second_store
from verifier.rebuild.sources import bring_sources, sources_row
from verifier.rebuild.trials import Bench
from verifier.rebuild.variations import NONE, Choice, choose
from verifier.rebuild.vary import UNDER, VARIATION, Tried, try_variations
from verifier.verdict import Kept, Row, Status, Verdict


class Watcher(Protocol):
    """Whoever shows a person what is going on."""

    def listen(self, which: str, event: Event) -> None:
        """Takes in one event of the `first` or `second` build."""

    def warn(self, sentence: str) -> None:
        """Says what went wrong beside the verdict."""

    def pause(self) -> None:
        """Makes room for another program's output."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """`flake` as Nix writes it; `again` builds a second time even where a record says it was done.

    `vary` names variations (rebuild/variations.py); with `keep_going` they are tried after a difference too.
    `second_nix` is the folder of another Nix, which makes the second build. With `replay` a training that a
    variation moved is run again, to name the first tensor.
    """

    flake: str
    again: bool
    live: Watcher
    vary: str = NONE
    keep_going: bool = False
    second_nix: Path | None = None
    replay: bool = False


@dataclass(frozen=True, kw_only=True)
class Second:
    """What the second build showed."""

    rows: tuple[Row, ...]
    surroundings: str
    kept: tuple[Kept, ...] = ()
    resources: dict[str, dict[str, object]]


def check_model(model: Model, options: Options) -> Verdict:
    """Builds `model` twice and judges it.

    Raises:
        BadInput: it cannot be built because of what somebody wrote.
        CouldNotCheck: it cannot be built here.
    """
    plan = make_plan(model, Store())
    choice = choose(options.flake, model.name, options.vary)
    shown = sandbox_paths(plan.builds)
    machine = Store(options=("--option", "sandbox-paths", " ".join(shown)) if shown else ())
    options.live.pause()
    bring_sources(plan, options.flake, machine)
    sources = sources_row(plan, machine)
    if sources.status is not Status.PASSED:
        return _stopped(plan, sources)
    first = _first_build(plan, machine, options)
    known = _known(plan, first) if not (options.again or options.second_nix) else None
    second = known or _second_build(plan, machine, first, options)
    tried = _varied(plan, machine, second, choice, options)
    identifier, bundle = _bundle(plan, machine)
    kept = (*second.kept, *tried.kept)
    verdict = Verdict(
        model=model.name,
        version=model.version,
        rows=(sources, *second.rows, *tried.rows, *bundle),
        bundle=identifier,
        path=model.path,
        surroundings=second.surroundings,
        kept=kept,
        explained=explain_kept(kept, _replayer(choice, plan, machine, options)),
        resources={"first": first.resources, "second": second.resources},
    )
    _remember(verdict, plan, first, options, known=known is not None)
    return verdict


def _varied(plan: Plan, machine: Store, second: Second, choice: Choice, options: Options) -> Tried:
    bench = _bench(choice, plan, machine, options)
    differs = any(row.status is not Status.PASSED for row in second.rows)
    return try_variations(choice, bench, differs=differs, keep_going=options.keep_going)


def _bench(choice: Choice, plan: Plan, machine: Store, options: Options) -> Bench:
    options.live.pause()

    def listen(event: Event) -> None:
        options.live.listen("varied", event)

    return Bench(plan=plan, store=machine, prefix=choice.prefix, listen=listen)


def _replayer(choice: Choice, plan: Plan, machine: Store, options: Options) -> Callable[[Kept], list[str]]:
    """Returns a function that replays a training which a variation moved, if that was asked for."""

    def replayed(pair: Kept) -> list[str]:
        step, _, name = pair.subject.partition(UNDER)
        if not options.replay or step != "train" or name not in {one.name for one in choice.variations}:
            return []
        bench = _bench(choice, plan, machine, options)
        return replay(name, Path(pair.first), Path(pair.second), choice, bench)

    return replayed


def _remember(verdict: Verdict, plan: Plan, first: Build, options: Options, *, known: bool) -> None:
    """Takes down that the two builds are equal; variations are known by their outputs, which stay in the store."""
    held = all(row.status is Status.PASSED for row in verdict.rows if row.check != VARIATION)
    derivation, surroundings = plan.model.derivation, verdict.surroundings
    try:
        if not held:
            records.forget(derivation)
        elif not known:
            records.remember(derivation, first.hashes, nix=nix.version(), surroundings=surroundings)
    except OSError as error:
        options.live.warn(f"this check cannot be remembered: {error}")


def _bundle(plan: Plan, machine: Store) -> tuple[str | None, list[Row]]:
    try:
        bundle = read_bundle(machine.physical(plan.model.path))
    except BadInput as error:
        # What was built is here; that it is no bundle is an answer, not the end of the check.
        row = Row(check="bundle", subject="manifest", status=Status.FAILED, detail=error.sentence)
        return None, [row]
    return bundle.identifier, bundle_rows(bundle, plan)


def _stopped(plan: Plan, sources: Row) -> Verdict:
    why = "its sources are not what the lock says"
    rebuild = Row(check="rebuild", subject=plan.model.name, status=Status.NOT_CHECKED, detail=why)
    return Verdict(
        model=plan.model.name,
        version=plan.model.version,
        rows=(sources, rebuild),
        bundle=None,
        path=plan.model.path,
        surroundings="",
        resources={"first": {}, "second": {}},
    )


def _first_build(plan: Plan, machine: Store, options: Options) -> Build:
    try:
        return build(plan, machine, lambda event: options.live.listen("first", event))
    except BuildFailed as failed:
        raise explain_failure(plan, failed.log) from failed


def _known(plan: Plan, first: Build) -> Second | None:
    record = records.find(plan.model.derivation)
    if record is None or record.hashes != first.hashes:
        return None
    again = Build(
        hashes=record.hashes, origins=dict.fromkeys(record.hashes, f"known, {record.date}"), resources={}
    )
    rows = comparison_rows(plan, first, again, lambda _: [])
    return Second(rows=tuple(rows), surroundings=record.surroundings, resources={})


def _second_build(plan: Plan, machine: Store, first: Build, options: Options) -> Second:
    other = options.second_nix
    with second_store(sandbox_paths(plan.builds), other) as opened:
        cores = f"{opened.cores} {'core' if opened.cores == 1 else 'cores'}"
        by = f"by Nix {nix.version(other)} after {nix.version()}, " if other else ""
        surroundings = f"{by}from sources, in an empty store that shows {cores}"
        nix.copy(written_with(plan, machine), source=machine, target=opened.store)
        try:
            second = build(plan, opened.store, lambda event: options.live.listen("second", event))
        except BuildFailed as failed:
            reason = explain_failure(plan, failed.log)
            if isinstance(reason, CouldNotCheck):
                raise reason from failed
            tail = failed.log.last_lines()
            row = failed_second_build(plan, reason.sentence, machine.physical(plan.model.path), tail)
            return Second(rows=(row,), surroundings=surroundings, resources={})
        rows = comparison_rows(plan, first, second, differing_files(machine, opened.store))
        try:
            kept = _keep(plan, rows, machine, opened)
        except OSError as error:
            kept = ()
            options.live.warn(f"the differing outputs cannot be kept: {error}")
    return Second(rows=tuple(rows), surroundings=surroundings, kept=kept, resources=second.resources)


def _keep(plan: Plan, rows: list[Row], machine: Store, opened: SecondStore) -> tuple[Kept, ...]:
    kept = []
    for derivation, row in zip(plan.builds, rows, strict=True):
        if row.differences:
            name = plan.model.derivation.rsplit("/", 1)[-1].removesuffix(".drv")
            folder = state_root() / "differences" / name
            places = {"first": machine, "second": opened.store}
            for side, store in places.items():
                copy_tree(store.physical(derivation.output.path), folder / side / row.subject)
            first, second = (str(folder / side / row.subject) for side in places)
            kept.append(Kept(subject=row.subject, first=first, second=second))
    return tuple(kept)
