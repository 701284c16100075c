"""What a bundle is tried with, made by hand: derivations in a store of the test's own, and programs for Nix."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from verifier.derivation import Derivation, Output
from verifier.flake import Model
from verifier.nix import Store
from verifier.nixlog import Event
from verifier.rebuild.plan import Plan
from verifier.release.document import STEPS
from verifier.storepath import base32, text_path

HASH = "0" * 32
PYTHON = f"/nix/store/{HASH}-toolchain/bin/python3"
Tensors = Mapping[str, "np.ndarray[tuple[int, ...], np.dtype[np.generic]]"]


def path_of(name: str) -> str:
    return f"/nix/store/{HASH}-{name}"


def write_tensors(path: Path, tensors: Tensors) -> Path:
    """Writes a safetensors file and returns the folder that it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(array) for name, array in tensors.items()}, path)
    return path.parent


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A derivation before it is written; its file is named by a hash of what it says, as Nix names it."""

    name: str
    output: str
    program: tuple[str, ...] = (PYTHON, "-B", "-m", "builder.runtime.launch")
    inputs: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text of the file; what is quoted here needs no escapes but JSON's."""
        quoted = json.dumps
        read = ",".join(f'({quoted(path)},["out"])' for path in self.inputs)
        plain = ",".join(map(quoted, self.sources))
        words = ",".join(map(quoted, self.program[1:]))
        pairs = ",".join(f"({quoted(k)},{quoted(v)})" for k, v in self.environment.items())
        outputs, builder = f'("out",{quoted(self.output)},"","")', quoted(self.program[0])
        return f'Derive([{outputs}],[{read}],[{plain}],"x86_64-linux",{builder},[{words}],[{pairs}])'

    def put(self, store: Store) -> str:
        """Writes it to a store and returns its store path."""
        path = text_path(f"{self.name}.drv", self.text.encode(), [*self.inputs, *self.sources])
        place = store.physical(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(self.text, encoding="utf-8")
        return path


def make_build(step: str, **fields: object) -> Derivation:
    """Returns the derivation of a step, as a plan has it."""
    defaults = {
        "path": path_of(f"{step}.drv"),
        "output": Output(path=path_of(step), fixed_sha256=None, recursive=False),
        "input_derivations": (),
        "input_sources": (),
    }
    return Derivation(**{**defaults, **fields})  # type: ignore[arg-type]


def make_plan(package: Derivation | None = None, folder: str = "") -> Plan:
    """Returns the plan of the model `tiny`, with all five steps; its bundle's path is `…-package`."""
    steps = {step: path_of(f"{step}.drv") for step in STEPS}
    builds = (*map(make_build, STEPS[:-1]), package or make_build("package"))
    model = Model(
        name="tiny",
        version="1.0.0",
        derivation=steps["package"],
        path=path_of("package"),
        steps=steps,
        folder=folder,
    )
    return Plan(model=model, builds=builds, sources=())


def nix_that_says(folder: Path, value: object) -> str:
    """Returns the folder of a `nix` that evaluates everything to `value`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "value").write_text(json.dumps(value), encoding="utf-8")
    return _program(folder, "nix", f'cat "{folder}/value"')


def nix_store_that_says(folder: Path, *, invalid: str = "", sha256: str = HASH, log: str = "") -> Path:
    """Returns the folder of a `nix-store` that lacks `invalid`; a build prints `log` and fails if there is one.

    Of each path asked about it took down the NAR hash `sha256` (hex).
    """
    folder.mkdir(parents=True, exist_ok=True)
    hashed = f"sha256:{base32(bytes.fromhex(sha256))}"
    for name, text in (("invalid", invalid), ("hash", hashed), ("log", log)):
        (folder / name).write_text(text, encoding="utf-8")
    cases = [
        f'*--check-validity*) cat "{folder}/invalid" ;;',
        f'*--query*) cat "{folder}/hash" ;;',
        f'*--realise*) cat "{folder}/log" >&2; [ ! -s "{folder}/log" ] ;;',
    ]
    return Path(_program(folder, "nix-store", f'case "$*" in\n{chr(10).join(cases)}\nesac'))


def _program(folder: Path, name: str, script: str) -> str:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)
    return str(folder)


def unheard(_event: Event) -> None:
    """Listens to nothing."""


def asked(folder: str, **fields: object) -> str:
    """Returns what a proof about `folder` is asked, with `fields` instead of its own."""
    reads = {"inputs": {"bundle": folder}, "code": f"{folder}/code", "params": f"{folder}/params.yaml"}
    own = {"step": "golden", "model": "tiny", "version": "1.0.0", "script": "predict.py", "device": "cpu"}
    return json.dumps({**own, **reads, "schema": None, "sources": {}, **fields})
