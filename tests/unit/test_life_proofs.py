"""A proof is what mkModel makes, or it is refused: each condition is violated alone, by a real derivation."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.unit.lives import (
    HASH,
    PYTHON,
    Draft,
    asked,
    make_build,
    make_plan,
    nix_store_that_says,
    nix_that_says,
    path_of,
    unheard,
)
from tests.unit.nixlines import nix
from verifier.errors import BadInput, CouldNotCheck
from verifier.life.proofs import MODULES, Proof, proofs_of, run_proof
from verifier.nar import nar_sha256
from verifier.nix import Store

RUNTIME, CODE = path_of("samebits-runtime"), path_of("code")
FAKE = RUNTIME.replace("0", "1", 1)  # of the rules' name, and not the rules' own
PATHS = f"{RUNTIME}:{RUNTIME}/builder/runtime/startup"
PROFILE = {"LC_ALL": "C.UTF-8"}
PACKAGE = make_build(
    "package",
    program=(PYTHON, "-B", "-m", "builder.runtime.packaging"),
    input_sources=(CODE,),
    environment={**PROFILE, "allowedReferences": "", "name": "tiny-1.0.0", "out": path_of("package")},
)
PLAN = make_plan(PACKAGE)
TOOLCHAIN = PLAN.model.steps["toolchain"]


def draft(name: str, reads: str, **fields: object) -> Draft:
    """Returns the proof `name`, with `fields` instead of its own."""
    output = path_of(f"tiny-{name}")
    read = path_of("tiny-golden") if name == "inference" else PACKAGE.output.path
    own = {"name": f"tiny-{name}", "out": output, "SAMEBITS_STEP": asked(read), "PYTHONPATH": PATHS}
    tied = {"allowedReferences": ""} if name == "golden" else {}
    whole = Draft(
        name=f"tiny-1.0.0-{name}",
        output=output,
        program=(PYTHON, "-B", "-m", MODULES[name]),
        inputs=(TOOLCHAIN, reads),
        sources=(RUNTIME,),
        environment={**PROFILE, **tied, **own},
    )
    return replace(whole, **fields)  # type: ignore[arg-type]


@dataclass(frozen=True)
class World:
    """A store with proofs in it, and a flake that offers them."""

    folder: Path

    @property
    def store(self) -> Store:
        return Store(root=self.folder / "store")

    def offer(self, *drafts: Draft, **said: object) -> dict[str, object]:
        """Writes the derivations and returns what the flake says of them."""
        names = [one.name.rsplit("-", 1)[-1] for one in drafts]
        paths = [{"derivation": one.put(self.store), "output": one.output} for one in drafts]
        return {**dict(zip(names, paths, strict=True)), **said}

    def proofs(self, claimed: Mapping[str, object]) -> dict[str, Proof]:
        nix_that_says(self.folder / "bin", {"proofs": claimed, "runtime": RUNTIME})
        return proofs_of(str(self.folder), PLAN, self.store)

    def refused(self, name: str, claimed: Mapping[str, object]) -> None:
        with pytest.raises(BadInput) as caught:
            self.proofs(claimed)
        assert caught.value.sentence == f"the proof {name} of tiny is not what mkModel makes"
        assert caught.value.advice.startswith("Make it with mkModel")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return World(tmp_path)


def fidelity(**fields: object) -> Draft:
    return draft("fidelity", PACKAGE.path, **fields)


def golden(**fields: object) -> Draft:
    return draft("golden", PACKAGE.path, **fields)


def environment(**fields: str) -> dict[str, str]:
    return {**fidelity().environment, **fields}


def test_proofs_as_mkmodel_makes_them_are_taken(world: World) -> None:
    claimed = world.offer(fidelity(), golden())
    inference = draft("inference", str(claimed["golden"]["derivation"]))  # type: ignore[index]
    found = world.proofs({**claimed, **world.offer(inference), "another": {}})
    assert list(found) == ["fidelity", "golden", "inference"]
    assert found["inference"].output == path_of("tiny-inference")


def test_model_without_proofs_has_none(world: World) -> None:
    assert world.proofs({}) == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"program": (PYTHON, "-B", "-m", "builder.runtime.launch")},
        {"program": (PYTHON, "-m", "builder.runtime.proofs.fidelity")},
        {"program": (path_of("other/bin/python3"), "-B", "-m", "builder.runtime.proofs.fidelity")},
        {"inputs": (TOOLCHAIN,)},
        {"inputs": (PACKAGE.path,)},
        {"inputs": (path_of("other.drv"), PACKAGE.path)},
        {"inputs": (TOOLCHAIN, PLAN.model.steps["train"])},
        {"inputs": (TOOLCHAIN, PACKAGE.path, PLAN.model.steps["train"])},
        {"sources": (RUNTIME, path_of("other"))},
        {"sources": (RUNTIME, CODE)},
        {"environment": environment(LC_ALL="C")},
        {"environment": environment(SAMEBITS_OTHER="1")},
        {"environment": environment(requiredSystemFeatures="cuda")},
    ],
)
def test_another_program_input_or_environment_is_refused(world: World, fields: dict[str, object]) -> None:
    world.refused("fidelity", world.offer(fidelity(**fields)))


@pytest.mark.parametrize(
    ("paths", "sources"),
    [
        (CODE, (CODE,)),
        ("", ()),
        (RUNTIME, (RUNTIME,)),
        (f"{CODE}:{PATHS}", (CODE, RUNTIME)),
        (f"{CODE}:{CODE}/builder/runtime/startup", (CODE,)),
        (f"{FAKE}:{FAKE}/builder/runtime/startup", (FAKE,)),
        (f"{CODE}/x-samebits-runtime:{CODE}/x-samebits-runtime/builder/runtime/startup", (CODE,)),
        (PATHS, ()),
    ],
)
def test_programs_from_elsewhere_than_a_runtime_are_refused(
    world: World, paths: str, sources: tuple[str, ...]
) -> None:
    """Else a model's own folder could bring a `builder.runtime.proofs.fidelity` that finds nothing wrong."""
    offered = fidelity(environment=environment(PYTHONPATH=paths), sources=sources)
    world.refused("fidelity", world.offer(offered))


def test_proof_that_does_not_give_the_output_is_refused(world: World) -> None:
    claimed = world.offer(fidelity())
    claimed["fidelity"]["output"] = path_of("other")  # type: ignore[index]
    world.refused("fidelity", claimed)


def test_golden_inputs_that_lead_back_to_the_bundle_are_refused(world: World) -> None:
    for said in ("x", None):
        own = {**golden().environment, "allowedReferences": said}
        kept = {name: value for name, value in own.items() if value is not None}
        world.refused("golden", world.offer(golden(environment=kept)))


def test_answers_from_something_that_sees_the_bundle_are_refused(world: World) -> None:
    claimed = world.offer(golden(), draft("inference", PACKAGE.path))
    world.refused("inference", claimed)


def test_answers_without_golden_inputs_are_refused(world: World) -> None:
    world.refused("inference", world.offer(draft("inference", PACKAGE.path)))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"derivation": "/etc/passwd", "output": path_of("x")},
        {"derivation": path_of("x.drv"), "output": path_of("x") + "/../../../etc"},
        {"derivation": path_of("x.drv"), "output": 1},
        {"derivation": None, "output": path_of("x")},
    ],
)
def test_something_else_than_store_paths_is_refused(world: World, said: object) -> None:
    world.refused("fidelity", {"fidelity": said})


def test_derivation_that_was_changed_is_refused(world: World) -> None:
    claimed = world.offer(fidelity())
    place = world.store.physical(str(claimed["fidelity"]["derivation"]))  # type: ignore[index]
    place.write_text(fidelity(sources=(RUNTIME, CODE)).text)
    with pytest.raises(BadInput, match="was changed: its content does not give its name"):
        world.proofs(claimed)


def test_derivation_that_is_not_there_is_refused(world: World) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        world.proofs({"fidelity": {"derivation": path_of("x.drv"), "output": path_of("x")}})


PROOF = Proof(derivation=path_of("tiny-fidelity.drv"), output=path_of("tiny-fidelity"))


def machine(folder: Path, **said: str) -> Store:
    """Returns a store in which the output lies; `said` is what its nix-store answers."""
    store = Store(root=folder / "store", programs=folder / "bin")
    place = store.physical(PROOF.output)
    place.mkdir(parents=True)
    (place / "fidelity.json").write_text("{}")
    nix_store_that_says(folder / "bin", **{"sha256": nar_sha256(place), **said})
    return store


def test_output_that_is_there_is_where_the_store_says(tmp_path: Path) -> None:
    store = machine(tmp_path)
    assert run_proof(PROOF, PLAN, store, unheard) == store.physical(PROOF.output)


def test_output_that_is_lacking_is_built(tmp_path: Path) -> None:
    store = machine(tmp_path, invalid=PROOF.output)
    assert run_proof(PROOF, PLAN, store, unheard) == store.physical(PROOF.output)


def test_output_that_was_changed_after_it_was_built_is_no_proof(tmp_path: Path) -> None:
    found = run_proof(PROOF, PLAN, machine(tmp_path, sha256=HASH * 2), unheard)
    assert isinstance(found, BadInput)
    assert found.sentence == f"{PROOF.output} was changed after it was built"


@pytest.mark.parametrize(("kind", "error"), [("bad input", BadInput), ("environment", CouldNotCheck)])
def test_proof_that_fails_says_why(tmp_path: Path, kind: str, error: type[BadInput | CouldNotCheck]) -> None:
    event = f'@samebits {{"event":"error","kind":"{kind}","step":"inference","sentence":"no","advice":"Do."}}'
    start = nix(action="start", id=7, type=105, fields=[PROOF.derivation, "", 1, 1], level=3, text="building")
    said = nix(action="result", id=7, type=101, fields=[event])
    store = machine(tmp_path, invalid=PROOF.output, log=f"{start}\n{said}\n")
    found = run_proof(PROOF, PLAN, store, unheard)
    assert isinstance(found, error)
    assert found.sentence == "step inference of tiny: no"
