"""Steps on emulated CPUs: what the profile makes equal is equal, and what it cannot is seen."""

import json

import pytest

from tests.conftest import REPOSITORY
from tests.integration.conftest import Repository, run
from tests.integration.torchbox import build, nix
from verifier.compare import compare_trees

VARIATIONS = "legacyPackages.x86_64-linux.variations"
# Allowed to take a square root of torch's, so that the guard lets it pass and the emulator can show it.
ALLOWED = "seed: 1\nallow: {torch.sqrt: to see what comes of it}\n"
SQUARE_ROOTS = """
import numpy as np, torch
from builder.runtime import paths, tensors
tensors.save(paths.output() / "model.safetensors", {"w": torch.sqrt(torch.rand(100_000)).numpy()})
"""
INTERPRETER = """
import numpy as np
from builder.runtime import paths, tensors
flags = next(line for line in open("/proc/cpuinfo") if line.startswith("flags"))
from numpy._core._multiarray_umath import __cpu_features__ as seen
tensors.save(paths.output() / "model.safetensors", {"w": np.array([seen["AVX"]], np.int8)})
"""


@pytest.fixture(scope="module", autouse=True)
def emulator_in_the_store() -> None:
    assert run("builder", "fetch", "qemu", "digits").code == 0


def test_digits_is_the_same_on_every_processor() -> None:
    done = run("verifier", "check", "digits", "--vary", "cpu-Nehalem,cpu-Haswell,cpu-max")
    assert done.code == 0, done.out + done.err
    assert "two builds on this machine and 3 variations" in done.out


def test_script_runs_on_the_emulated_processor_and_not_on_this_one(repository: Repository) -> None:
    repository.add_model("asks", {"train.py": INTERPRETER, "params.yaml": "seed: 1\n"})
    old, new = (
        build(f"{VARIATIONS}.asks.cpu-{cpu}.train", repository.root) for cpu in ("Nehalem", "Haswell")
    )
    assert compare_trees(old, new) != []


@pytest.mark.usefixtures("torch_cpu")
def test_square_root_of_torch_differs_by_the_processor(repository: Repository) -> None:
    """Why the guard refuses it; here it was allowed. Shown where this machine's own silicon is no Nehalem's."""
    folder = repository.add_model("roots", {"train.py": SQUARE_ROOTS, "params.yaml": ALLOWED})
    text = (folder / "model.nix").read_text().replace("toolchains.numpy", "toolchains.torch-cpu")
    (folder / "model.nix").write_text(text)
    here, there = (
        build("roots.train", repository.root),
        build(f"{VARIATIONS}.roots.cpu-Nehalem.train", repository.root),
    )
    (line,) = compare_trees(here, there)
    assert line.startswith("model.safetensors: differs from byte")
    done = repository.verifier("check", "roots", "--vary", "cpu-Nehalem")
    assert done.code == 1
    assert "FAILED: train: depends on the instruction set of the processor" in done.out


def test_prefix_longer_than_the_training_is_said(repository: Repository) -> None:
    repository.add_model("short")
    done = nix(
        "build",
        "--no-link",
        "-L",
        f"{repository.root}#{VARIATIONS}.short.cpu-Haswell.train-prefix",
        check=False,
    )
    assert done.returncode != 0
    assert "train.py ended after 0 training steps, asked for were 20" in done.stderr


def test_only_a_model_with_torch_is_costly_under_emulation() -> None:
    function = "v: builtins.mapAttrs (_: model: model.known.cpu-max.costly) v"
    found = json.loads(nix("eval", "--json", f"{REPOSITORY}#{VARIATIONS}", "--apply", function).stdout)
    assert found == {"digits": False, "kjv-gpt": True, "verses": True}
