"""One step under changed surroundings: built, and held against the output that was built first."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from verifier import nix
from verifier.compare import compare_trees
from verifier.derivation import Derivation
from verifier.errors import BadInput, VerifierError
from verifier.flake import MKMODEL
from verifier.nar import nar_sha256
from verifier.nix import BuildFailed, Store
from verifier.nixlog import Event, Log
from verifier.rebuild.build import explain_failure
from verifier.rebuild.plan import Plan, read_derivation
from verifier.rebuild.variations import PREFIX, Variation, Varied
from verifier.trace import count_steps, prefix_differences
from verifier.verdict import BUILT, PRESENT

# What builder/step.nix writes of a step, and what of it a variation or a replay adds.
STEP = "SAMEBITS_STEP"
MEANT = {"surroundings", "emulator", "dense"}


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What every step is tried with; `prefix` is how many training steps stand for a costly training."""

    plan: Plan
    store: Store
    prefix: int
    listen: Callable[[Event], None]

    def reference(self, step: str) -> str:
        """Returns the store path of the output that was built first."""
        path = self.plan.model.steps[step]
        return next(build.output.path for build in self.plan.builds if build.path == path)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A step of a group of variations; `short` where it is the first training steps alone."""

    step: str
    short: bool
    varied: Varied


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a trial came to: what differs, or why there is no output."""

    trial: Trial
    origin: str
    differences: tuple[str, ...] = ()
    failure: VerifierError | None = None

    @property
    def equal(self) -> bool:
        """Whether there is an output, and no bit of it differs."""
        return not self.differences and self.failure is None


def trials_of(
    group: Sequence[Variation], varied: dict[str, Varied], steps: Sequence[str], bench: Bench
) -> list[Trial]:
    """Returns what is to be built for a group: of a costly one no evaluation, and of a training the beginning."""
    if not any(variation.costly for variation in group):
        return [Trial(step=step, short=False, varied=varied[step]) for step in steps]
    long = count_steps(bench.store.physical(bench.reference("train"))) > bench.prefix
    train = Trial(step="train", short=long, varied=varied[PREFIX if long else "train"])
    prepare = Trial(step="prepare", short=False, varied=varied["prepare"])
    return [trial for trial in (prepare, train) if trial.step in steps]


def refuse_other(step: str, claimed: Varied, bench: Bench) -> None:
    """Returns if a derivation is the step itself in other surroundings: the flake's word for it is not taken.

    Raises:
        BadInput: it differs in something else, or in nothing.
    """
    itself, asked, more = _itself(step, bench.plan)
    varied = read_derivation(bench.store, claimed.derivation)
    changed = _asked(varied).keys() - asked.keys()
    fit = (
        varied.program == itself.program
        and varied.input_sources == itself.input_sources
        and set(itself.input_derivations) <= set(varied.input_derivations)
        and varied.output.path == claimed.output
        and _environment(varied) == _environment(itself)
        and asked.items() <= _asked(varied).items()
        and changed & MEANT
        and changed <= MEANT | {"stop_after"} | more
    )
    if not fit:
        raise BadInput(f"{claimed.derivation} is not the step {step} in other surroundings", advice=MKMODEL)


def _itself(step: str, plan: Plan) -> tuple[Derivation, dict[str, object], set[str]]:
    """Returns the derivation that a variation of a step is one of, what it was asked, and what else may be added.

    A training in chunks is varied in one piece: that is its first chunk without an end.
    """
    cut = step == "train" and bool(plan.model.chunks)
    path = plan.model.chunks[0] if cut else plan.model.steps[step]
    itself = next(build for build in plan.builds if build.path == path)
    asked = {key: value for key, value in _asked(itself).items() if key != "chunk" or not cut}
    return itself, asked, {"total"} if cut else set()


def _environment(derivation: Derivation) -> dict[str, str]:
    return {k: v for k, v in derivation.environment.items() if k not in ("out", "name", STEP)}


def _asked(derivation: Derivation) -> dict[str, object]:
    try:
        value = json.loads(derivation.environment.get(STEP, ""))
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {}


def run_trials(trials: Sequence[Trial], bench: Bench) -> dict[Trial, Outcome]:
    """Builds all of them in one run of Nix, side by side, and compares each with the first build's output.

    Raises:
        BadInput: one of them is something else than the step in other surroundings.
    """
    for trial in trials:
        refuse_other(trial.step, trial.varied, bench)
    outputs = [trial.varied.output for trial in trials]
    lacking = nix.invalid(bench.store, outputs)
    todo = [trial.varied.derivation for trial in trials if trial.varied.output in lacking]
    try:
        log = nix.realise(todo, bench.store, bench.listen, keep_going=True) if todo else Log()
    except BuildFailed as failed:
        log = failed.log
    absent = nix.invalid(bench.store, outputs)
    found = {}
    for trial in trials:
        origin = BUILT if trial.varied.output in lacking else PRESENT
        if trial.varied.output in absent:
            failure = explain_failure(bench.plan, log, trial.varied.derivation)
            found[trial] = Outcome(trial=trial, origin="failed", failure=failure)
        else:
            found[trial] = _compared(trial, origin, bench)
    return found


def _compared(trial: Trial, origin: str, bench: Bench) -> Outcome:
    try:
        return Outcome(trial=trial, origin=origin, differences=tuple(_differences(trial, bench)))
    except VerifierError as error:  # such as a trace that is damaged
        return Outcome(trial=trial, origin=origin, failure=error)


def _differences(trial: Trial, bench: Bench) -> list[str]:
    first = bench.store.physical(bench.reference(trial.step))
    second = bench.store.physical(trial.varied.output)
    if trial.short:
        return prefix_differences(first, second, bench.prefix)
    if nar_sha256(first) == nar_sha256(second):
        return []
    return compare_trees(first, second) or [".: another NAR hash"]


def build_replays(replays: Sequence[Varied], bench: Bench) -> list[Path]:
    """Builds replays of the training and returns where they lie.

    Raises:
        BadInput: one of them is something else than the training, or it failed.
        CouldNotCheck: it could not be built here.
    """
    for one in replays:
        refuse_other("train", one, bench)
    lacking = nix.invalid(bench.store, [one.output for one in replays])
    todo = [one.derivation for one in replays if one.output in lacking]
    try:
        if todo:
            nix.realise(todo, bench.store, bench.listen)
    except BuildFailed as failed:
        raise explain_failure(bench.plan, failed.log) from failed
    return [bench.store.physical(one.output) for one in replays]
