"""`verifier check`: the steps of the proof, in order, for one model.

1. The flake says which derivation the model is, and its folder what is expected of it.
2. Its sources are brought in, and hashed against what fixes them.
3. The model is built in the machine's store, or was already.
4. It is built again, from sources, in an empty store; or a record says that this was done; or what is claimed of
   it is rebuilt piece by piece (chain/check.py).
5. Every output is read and hashed by us, and the two builds are compared, toolchain included.
6. Its steps are built under changed surroundings, and compared too.
7. The bundle is held against its manifest, and tried: its data, weights and answers.
8. It is held against its release, the one before and its contract: metrics, and what was used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from verifier import nix
from verifier.chain.check import rebuild_pieces
from verifier.chain.times import piece_seconds, time_limit
from verifier.errors import VerifierError
from verifier.flake import Model
from verifier.nix import Store
from verifier.nixlog import Event
from verifier.rebuild import records
from verifier.rebuild.artefact import Artefact, examine
from verifier.rebuild.build import Build
from verifier.rebuild.concerns import concerning
from verifier.rebuild.explaining import Replayer, explain_kept
from verifier.rebuild.gpu import sandbox_paths
from verifier.rebuild.options import Options
from verifier.rebuild.plan import Plan, make_plan
from verifier.rebuild.rebuilders import Rebuilds, rebuild_elsewhere
from verifier.rebuild.remedies import cause_of
from verifier.rebuild.replay import replay
from verifier.rebuild.sources import bring_sources, sources_row
from verifier.rebuild.tolerated import tolerate
from verifier.rebuild.trials import Bench
from verifier.rebuild.two_builds import Second, build_twice
from verifier.rebuild.unchanged import passed_name, unchanged
from verifier.rebuild.variations import Choice
from verifier.rebuild.vary import bring_tools, try_variations
from verifier.release.expected import Expected, expected_of
from verifier.release.expecting import expected_seconds
from verifier.verdict import BITWISE, BY_SAMPLE, UNDER, Explained, Kept, Origin, Row, Sample, Status, Verdict


def verdict_of(model: Model, choice: Choice, options: Options) -> Verdict:
    """Returns the verdict of a model, which is built twice unless this machine has seen the same pass.

    Raises:
        BadInput: it cannot be built because of what somebody wrote.
        CouldNotCheck: it cannot be built here.
    """
    verdict = unchanged(model, choice, options) or check_model(model, choice, options)
    return concerning(verdict, model, Store())


def check_model(model: Model, choice: Choice, options: Options) -> Verdict:
    """Builds `model` twice and judges it.

    Raises:
        BadInput: it cannot be built because of what somebody wrote.
        CouldNotCheck: it cannot be built here.
    """
    expected = expected_of(model, Store())
    plan = make_plan(model, Store())
    seconds, version = expected_seconds(model, expected)
    seconds = piece_seconds(plan, seconds)
    options.live.expect(seconds, version)
    bring_tools(choice, Store())
    shown = sandbox_paths(plan.builds)
    machine = Store(options=("--option", "sandbox-paths", " ".join(shown)) if shown else ())
    options.live.pause()
    bring_sources(plan, options.flake, machine)
    sources = sources_row(plan, machine)
    if sources.status is not Status.PASSED:
        return _stopped(plan, sources)
    first, second, level, sample = _built(plan, machine, expected, seconds, options)
    artefact = examine(plan, machine, first, second, expected, level, options)
    if sample is None:
        _remember(plan, first, second, artefact, level, options)
    bench = _bench(choice, plan, machine, options)
    differs = any(row.status is not Status.PASSED for row in second.rows)
    tried = try_variations(choice, bench, differs=differs, keep_going=options.keep_going)
    elsewhere = Rebuilds() if options.chain else rebuild_elsewhere(plan, machine, first, options)
    kept = (*second.kept, *elsewhere.kept, *tried.kept)
    verdict = Verdict(
        model=model.name,
        version=model.version,
        rows=(sources, *second.rows, *elsewhere.rows, *tried.rows, *artefact.rows),
        bundle=artefact.identifier,
        path=model.path,
        surroundings=second.surroundings,
        kept=kept,
        explained=_explained(kept, second, _replayer(choice, bench, options), choice, options),
        origin=_origin(plan, first, second, options),
        level=BY_SAMPLE if sample else artefact.level,
        sample=sample,
        document=artefact.document,
        attested=elsewhere.attested,
        resources={"first": first.resources, "second": second.resources},
    )
    _confirm(verdict, options)
    return verdict


def _built(
    plan: Plan, machine: Store, expected: Expected, seconds: Mapping[str, float], options: Options
) -> tuple[Build, Second, str, Sample | None]:
    """Builds twice, or rebuilds a claim piece by piece; returns how far both agree, and the sample."""
    if options.chain is not None:
        limit = time_limit(options.chain.piece_seconds, plan, seconds)
        chained = rebuild_pieces(plan, machine, options, replace(options.chain, piece_seconds=limit))
        # What a contract tolerates is no claim that can be rebuilt piece by piece: all of it must be equal.
        return chained.first, chained.second, BITWISE, chained.sample
    first, second = build_twice(plan, machine, options)
    second, level = tolerate(second, expected.contract)
    return first, second, level, None


def _origin(plan: Plan, first: Build, second: Second, options: Options) -> Origin:
    return Origin(
        derivation=plan.model.derivation,
        flake=options.url,
        revision=options.revision,
        first=first.times,
        second=second.times,
    )


def _bench(choice: Choice, plan: Plan, machine: Store, options: Options) -> Bench:
    options.live.pause()

    def listen(event: Event) -> None:
        options.live.listen("varied", event)

    return Bench(plan=plan, store=machine, prefix=choice.prefix, listen=listen)


def _explained(
    kept: Sequence[Kept], second: Second, replayed: Replayer, choice: Choice, options: Options
) -> tuple[Explained, ...]:
    causes = {variation.name: cause_of(variation) for variation in choice.variations}
    try:
        return explain_kept(kept, causes, second.surroundings, replayed)
    except VerifierError as error:  # the verdict stands without it
        options.live.warn(f"what moved cannot be explained: {error.sentence}")
        return ()


def _replayer(choice: Choice, bench: Bench, options: Options) -> Replayer:
    """Returns a function that replays a training which a variation moved, if that was asked for."""

    def replayed(pair: Kept) -> list[str]:
        step, _, name = pair.subject.partition(UNDER)
        if not options.replay or step != "train" or name not in {one.name for one in choice.variations}:
            return []
        return replay(name, Path(pair.first), Path(pair.second), choice, bench)

    return replayed


def _remember(
    plan: Plan, first: Build, second: Second, artefact: Artefact, level: str, options: Options
) -> None:
    """Takes down that two builds are equal, before anything else can fail; variations are no part of it."""
    derivation = plan.model.derivation
    try:
        if level != BITWISE or any(r.status is not Status.PASSED for r in (*second.rows, *artefact.bundle)):
            records.forget(derivation)
        elif not second.known:
            record = records.Record(
                derivation=derivation,
                hashes=first.hashes,
                date=records.now(),
                nix=nix.version(),
                surroundings=second.surroundings,
                resources={step: dict(used) for step, used in artefact.measured.used.items()},
                calibration_seconds=artefact.measured.calibration_seconds,
            )
            records.remember(record)
    except OSError as error:
        options.live.warn(f"this check cannot be remembered: {error}")


def _confirm(verdict: Verdict, options: Options) -> None:
    """Adds to the record which other checks held, so that an unchanged model is recognised (unchanged.py)."""
    record = records.find(verdict.origin.derivation) if verdict.origin else None
    if record is None or not verdict.verified:
        return
    passed = sorted({*record.passed, *(passed_name(row) for row in verdict.rows)})
    try:
        records.remember(replace(record, passed=passed))
    except OSError as error:
        options.live.warn(f"this check cannot be remembered: {error}")


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
