"""One step under changed surroundings: built, and held against the output that was built first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from verifier import nix
from verifier.compare import compare_trees
from verifier.errors import VerifierError
from verifier.nar import nar_sha256
from verifier.nix import BuildFailed, Store
from verifier.nixlog import Event, Log
from verifier.rebuild.build import BUILT, PRESENT, explain_failure
from verifier.rebuild.plan import Plan
from verifier.rebuild.variations import Variation, Varied
from verifier.trace import count_steps, prefix_differences

STEPS = ("prepare", "train", "evaluate")
PREFIX = "train-prefix"


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


def run_trials(trials: Sequence[Trial], bench: Bench) -> dict[Trial, Outcome]:
    """Builds all of them in one run of Nix, side by side, and compares each with the first build's output."""
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
            found[trial] = Outcome(trial=trial, origin=origin, differences=tuple(_differences(trial, bench)))
    return found


def _differences(trial: Trial, bench: Bench) -> list[str]:
    first = bench.store.physical(bench.reference(trial.step))
    second = bench.store.physical(trial.varied.output)
    if trial.short:
        return prefix_differences(first, second, bench.prefix)
    if nar_sha256(first) == nar_sha256(second):
        return []
    return compare_trees(first, second)
