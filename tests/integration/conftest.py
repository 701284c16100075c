"""Real Nix, real wheels: a repository of our rules with models made for one test."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.faults.corpus import make_flake
from tests.integration.keys import Keys, make_keys
from tests.integration.postgresql import Server, server
from tests.integration.torchbox import TorchBox, build, profile
from verifier.ledger.database import begin_ledger

PREPARE = """
from builder.runtime import paths
(paths.output() / "numbers.txt").write_text("1 2 3")
"""
TRAIN = """
import numpy as np
from builder.runtime import paths, tensors
numbers = np.array((paths.step_input("prepare") / "numbers.txt").read_text().split(), np.float32)
tensors.save(paths.output() / "model.safetensors", {"w": numbers})
"""
EVALUATE = """
from builder.runtime import metrics, paths, tensors
weights = tensors.load(paths.step_input("train") / "model.safetensors")
metrics.write({"sum": float(weights["w"].sum())})
"""
MODEL = """{ mkModel, toolchains, ... }:
mkModel {
  name = "NAME";
  version = "1.0.0";
  src = ./.;
  toolchain = toolchains.numpy;
  prepare = [ "prepare.py" ];
  train = [ "train.py" ];
  evaluate = [ "evaluate.py" ];
  card = "card.md";
}
"""


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A flake made of our rules and the models of one test."""

    root: Path

    def add_model(self, name: str, files: Mapping[str, str] | None = None) -> Path:
        """Adds a tiny model whose folder holds `files` over the defaults; returns the folder."""
        folder = self.root / "models" / name
        folder.mkdir()
        defaults = {
            "model.nix": MODEL.replace("NAME", name),
            "params.yaml": "seed: 1\n",
            "card.md": "A tiny model.\n",
            "prepare.py": PREPARE,
            "train.py": TRAIN,
            "evaluate.py": EVALUATE,
        }
        for file, text in {**defaults, **(files or {})}.items():
            (folder / file).write_text(text)
        return folder

    def verifier(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Done:
        """Runs the verifier as a person would, on this flake; without variations unless some are named."""
        vary = () if "--vary" in arguments else ("--vary", "none")
        return run("verifier", *arguments, *vary, "--flake", str(self.root), environment=environment)


def run(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Done:
    """Runs `python -m MODULE ARGUMENTS` and never shows a traceback to anybody."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
        env={**os.environ, **(environment or {})},
    )
    assert "Traceback (most recent call last)" not in done.stderr, done.stderr
    return Done(code=done.returncode, out=done.stdout, err=done.stderr)


@pytest.fixture(scope="session", autouse=True)
def sources_in_the_store() -> None:
    """Fetches what digits needs, once; the tests' models use the same toolchain."""
    done = run("builder", "fetch", "--flake", str(REPOSITORY), "numpy", "digits")
    assert done.code == 0, done.err


@pytest.fixture(scope="session")
def torch_cpu() -> Path:
    """The toolchain torch-cpu, built once."""
    done = run("builder", "fetch", "torch-cpu")
    assert done.code == 0, done.err
    return build("legacyPackages.x86_64-linux.toolchains.torch-cpu")


@pytest.fixture(scope="session")
def box(torch_cpu: Path, tmp_path_factory: pytest.TempPathFactory) -> TorchBox:
    """Runs scripts on torch-cpu in the profile `portable`."""
    return TorchBox(
        python=torch_cpu / "bin" / "python3", settings=profile(), folder=tmp_path_factory.mktemp("torch")
    )


def new_repository(root: Path) -> Repository:
    """Makes a repository with our rules and no model yet in the new folder `root`."""
    make_flake(root, ())
    (root / "models").mkdir()
    return Repository(root=root)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with our rules and no model yet."""
    return new_repository(tmp_path / "repository")


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a checked bundle, `out/tiny`, and what the check said, `check.json`."""
    folder = tmp_path_factory.mktemp("checked")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("STATE", "CACHE"):
            patch.setenv(f"XDG_{name}_HOME", str(folder / name.lower()))
        repository = new_repository(folder / "repository")
        repository.add_model(
            "tiny", {"card.md": f"Made for {folder.name} alone.\n", "params.yaml": fresh(folder)}
        )
        done = repository.verifier(
            "check", "tiny", "--out", str(folder / "out"), "--json", str(folder / "check.json")
        )
        assert done.code == 0, done.out + done.err
    yield folder


def fresh(folder: Path) -> str:
    """Parameters that no build had before, so that every step is built in the test's check."""
    return f"seed: 1\nhyperparameters: {{ at: {folder.stat().st_mtime_ns} }}\n"


@pytest.fixture
def bundle(checked: Path, tmp_path: Path) -> Path:
    """A copy of the bundle, for one test to spoil."""
    return Path(shutil.copytree(checked / "out" / "tiny", tmp_path / "tiny"))


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    """A PostgreSQL of this module's own."""
    with server() as found:
        yield found


@pytest.fixture
def database(running: Server) -> str:
    """The name of an empty database."""
    return running.new_database()


@pytest.fixture
def ledger(running: Server, database: str) -> str:
    """The URL of an empty ledger."""
    begin_ledger(running.url(database))
    return running.url(database)
