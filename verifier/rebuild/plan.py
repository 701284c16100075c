"""What there is to build for a model, and from which sources: read from its derivations, not from the rules."""

import itertools
from dataclasses import dataclass

from verifier import nix
from verifier.derivation import Derivation, closure, parse_derivation
from verifier.errors import BadInput
from verifier.flake import MKMODEL, Model
from verifier.nix import Store
from verifier.storepath import text_path


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Every build below a model, inputs first, and every fixed source that they start from."""

    model: Model
    builds: tuple[Derivation, ...]
    sources: tuple[Derivation, ...]
    # Scripts and the like, which builds read as they are.
    files: tuple[str, ...] = ()

    def label(self, derivation: str) -> str:
        """Returns the name that a person knows a build by: its step, or the derivation's own name."""
        steps = {path: step for step, path in self.model.steps.items()} | self.chunks()
        names = {build.path: build.name for build in self.builds}
        return steps.get(derivation) or names.get(derivation, derivation.rsplit("/", 1)[-1])

    def chunks(self) -> dict[str, str]:
        """Returns the names of the chunks that the training is cut into, by derivation, in order."""
        return {path: f"train-{number}" for number, path in enumerate(self.model.chunks, start=1)}

    def below(self, derivation: Derivation) -> set[str]:
        """Returns the derivations of all builds that `derivation` depends on."""
        known = {build.path: build for build in self.builds}
        found: set[str] = set()
        waiting = [path for path in derivation.input_derivations if path in known]
        while waiting:
            path = waiting.pop()
            if path not in found:
                found.add(path)
                waiting += [p for p in known[path].input_derivations if p in known]
        return found


def make_plan(model: Model, store: Store) -> Plan:
    """Reads the derivations of `model` from `store`.

    Raises:
        BadInput: a step is not below the model, which would leave it unchecked, or the flake names another
            path than the derivation's.
    """
    found = closure(model.derivation, lambda path: read_derivation(store, path))
    builds = tuple(d for d in found if d.output.fixed_sha256 is None)
    plan = Plan(
        model=model,
        builds=builds,
        sources=tuple(d for d in found if d.output.fixed_sha256 is not None),
        files=tuple(dict.fromkeys(path for d in builds for path in d.input_sources)),
    )
    if found[-1].output.path != model.path:
        raise BadInput(
            f"the flake says that {model.name} is {model.path}, its derivation says {found[-1].output.path}",
            advice=MKMODEL,
        )
    stray = {*model.steps.values(), *model.chunks} - {d.path for d in plan.builds}
    if stray or model.steps["package"] != model.derivation:
        raise BadInput(
            f"the steps of {model.name} are not all read by its bundle", advice="Make it with mkModel."
        )
    _check_chain(plan)
    return plan


def _check_chain(plan: Plan) -> None:
    """Returns if every chunk reads the one before it, and `train` all of them: the flake may say what it likes."""
    reads = {build.path: set(build.input_derivations) for build in plan.builds}
    chunks = plan.model.chunks
    broken = [now for before, now in itertools.pairwise(chunks) if before not in reads[now]]
    if chunks and (broken or not set(chunks) <= reads[plan.model.steps["train"]]):
        raise BadInput(f"the chunks of {plan.model.name} are no chain", advice=MKMODEL)


def read_derivation(store: Store, path: str) -> Derivation:
    """Reads a derivation and holds its text against its name, which is a hash of it.

    Raises:
        BadInput: it cannot be read, or was changed.
    """
    try:
        content = store.physical(path).read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}", advice=MKMODEL) from error
    derivation = parse_derivation(path, content.decode("utf-8", "surrogateescape"))
    name = path.rsplit("/", 1)[-1].split("-", 1)[-1]
    if text_path(name, content, [*derivation.input_derivations, *derivation.input_sources]) != path:
        raise BadInput(
            f"{path} was changed: its content does not give its name", advice=f"nix-store --delete {path}"
        )
    return derivation


def fill(target: Store, plan: Plan, machine: Store) -> None:
    """Copies to another store what it lacks of the sources, derivations and scripts of a plan.

    Raises:
        CouldNotCheck: it cannot take them, for want of room for example.
    """
    needed = written_with(plan, machine)
    lacking = nix.invalid(target, needed)
    nix.copy([path for path in needed if path in lacking], source=machine, target=target)


def written_with(plan: Plan, store: Store) -> list[str]:
    """Returns what an empty store needs before it can build: sources, derivations, scripts; inputs first."""
    sources = [source.output.path for source in plan.sources]
    return [*sources, *nix.derivation_closure(store, plan.model.derivation)]
