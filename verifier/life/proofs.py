"""Programs of the builder's that try a finished bundle in its own toolchain, sandboxed: each is a derivation.

1. The flake says what they are; each is held against the step `package`: the same toolchain and environment.
2. `fidelity` reads the bundle, `golden` takes the golden inputs out of it, and `inference` sees only those, the
   weights and the bundle's own code, never the golden outputs.
3. They are built, and what they left is judged here (life/weights.py, life/answers.py).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import cast

from verifier import nix
from verifier.derivation import Derivation
from verifier.errors import BadInput, VerifierError
from verifier.flake import MKMODEL, STORE_PATH, absolute, where
from verifier.nar import nar_sha256
from verifier.nix import BuildFailed, EvaluationFailed, Store
from verifier.nixlog import Event
from verifier.rebuild.build import explain_failure
from verifier.rebuild.plan import Plan, read_derivation

FIDELITY, GOLDEN, INFERENCE = "fidelity", "golden", "inference"
MODULES = {name: f"builder.runtime.proofs.{name}" for name in (FIDELITY, GOLDEN, INFERENCE)}
# What each reads beside the toolchain.
READS = {FIDELITY: "package", GOLDEN: "package", INFERENCE: GOLDEN}
# What differs from step to step; a proof's runtime has its own programs in it, where a step's has none of them.
PYTHONPATH = "PYTHONPATH"
STEP = "SAMEBITS_STEP"
OWN = ("name", "out", STEP, PYTHONPATH)
# What a step is asked, beside what it reads.
ASKED = {"step", "model", "version", "script", "device"}
ATTRIBUTE = "legacyPackages.x86_64-linux.proofs"
READ = """said: {
  proofs = builtins.mapAttrs (_: proof: { derivation = proof.drvPath; output = proof.outPath; })
    (said.models.${builtins.fromJSON %s} or { });
  runtime = builtins.unsafeDiscardStringContext said.runtime;
}"""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One program that is to be run on a bundle: its derivation, and where its output will be."""

    derivation: str
    output: str


def proofs_of(flake: str, plan: Plan, store: Store) -> dict[str, Proof]:
    """Returns the proofs that `flake` offers for a model, by name.

    Raises:
        BadInput: one of them is something else than it should be.
    """
    quoted = json.dumps(json.dumps(plan.model.name)).replace("${", "\\${")
    try:
        said = nix.evaluate(f"{absolute(flake)}#{ATTRIBUTE}", READ % quoted)
    except EvaluationFailed as error:
        raise BadInput(
            f"{where(flake)} describes no proofs of {plan.model.name}: {nix.last_error(str(error))}",
            advice=MKMODEL,
        ) from error
    claimed = cast(Mapping[str, Mapping[str, Mapping[str, object]]], said)["proofs"]
    runtime = str(cast(Mapping[str, object], said)["runtime"])
    proofs = {name: _proof(name, claimed[name], plan) for name in MODULES if name in claimed}
    for name, proof in proofs.items():
        _refuse_other(name, proof, proofs, runtime, plan, store)
    return proofs


def _proof(name: str, said: Mapping[str, object], plan: Plan) -> Proof:
    paths = said.get("derivation"), said.get("output")
    if not all(isinstance(path, str) and STORE_PATH.fullmatch(path) for path in paths):
        raise _other(name, plan)
    return Proof(derivation=str(paths[0]), output=str(paths[1]))


def _refuse_other(
    name: str, proof: Proof, proofs: Mapping[str, Proof], runtime: str, plan: Plan, store: Store
) -> None:
    """Returns if a derivation is the proof `name` of this plan's bundle; the model's word for it is not taken.

    `runtime` is the folder of programs that the rules give, which no model.nix can replace.

    Raises:
        BadInput: it is something else.
    """
    package = next(build for build in plan.builds if build.path == plan.model.derivation)
    found = read_derivation(store, proof.derivation)
    below = proofs.get(READS[name])
    subject = below.derivation if below else package.path
    fit = (
        (below is not None or READS[name] == "package")
        and found.output.path == proof.output
        and found.program == (package.program[0], "-B", "-m", MODULES[name])
        and set(found.input_derivations) == {plan.model.steps["toolchain"], subject}
        # Not the model's own files: its code and a bundle of its making could be in them.
        and found.input_sources == (runtime,)
        and found.environment.get(PYTHONPATH) == f"{runtime}:{runtime}/builder/runtime/startup"
        and _environment(found).items() <= package.environment.items()
        and _is_asked_about(below.output if below else package.output.path, found)
        # Nothing may lead from the golden inputs back to the bundle, which holds the answers.
        and (name != GOLDEN or found.environment.get("allowedReferences") == "")
    )
    if not fit:
        raise _other(name, plan)


def _environment(derivation: Derivation) -> dict[str, str]:
    return {name: value for name, value in derivation.environment.items() if name not in OWN}


def _is_asked_about(folder: str, proof: Derivation) -> bool:
    """Returns whether a proof is asked about all of `folder`, and not about a bundle inside it."""
    asked = _asked(proof)
    reads = {"inputs": {"bundle": folder}, "code": f"{folder}/code", "params": f"{folder}/params.yaml"}
    whole = {**reads, "schema": None, "sources": {}}
    script = PurePosixPath(str(asked.get("script")))
    return (
        not script.is_absolute()
        and ".." not in script.parts
        and asked.keys() == whole.keys() | ASKED
        and whole.items() <= asked.items()
    )


def _asked(proof: Derivation) -> dict[str, object]:
    """Returns what the step is asked; nothing where that is no JSON object."""
    try:
        value: object = json.loads(proof.environment.get(STEP, ""))
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {}


def _other(name: str, plan: Plan) -> BadInput:
    return BadInput(f"the proof {name} of {plan.model.name} is not what mkModel makes", advice=MKMODEL)


def run_proof(
    proof: Proof, plan: Plan, store: Store, listen: Callable[[Event], None]
) -> Path | VerifierError:
    """Builds one proof and returns where its output lies, or why there is none."""
    try:
        if nix.invalid(store, [proof.output]):
            nix.realise([proof.derivation], store, listen)
    except BuildFailed as failed:
        return explain_failure(plan, failed.log)
    place = store.physical(proof.output)
    if nix.registered_sha256(store, [proof.output])[proof.output] != nar_sha256(place):
        sentence = f"{proof.output} was changed after it was built"
        return BadInput(sentence, advice=f"nix-store --delete {proof.output}, then run it again.")
    return place
