"""The sandbox: what a step may not see, and that a build without one refuses to go on."""

import os
import subprocess

from tests.integration.conftest import Repository

NIX = ["nix", "--extra-experimental-features", "nix-command flakes"]


def build_unsandboxed(repository: Repository, name: str) -> subprocess.CompletedProcess[str]:
    config = "sandbox = false\nbuild-users-group =\nsubstituters ="
    return subprocess.run(
        [*NIX, "build", "--no-link", "-L", f"{repository.root}#{name}.prepare"],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, "NIX_CONFIG": config},
    )


def test_step_outside_a_sandbox_refuses_to_run(repository: Repository) -> None:
    """Needs a network interface beside loopback, as every machine with a network has."""
    repository.add_model("unboxed-step")
    done = build_unsandboxed(repository, "unboxed-step")
    assert done.returncode != 0
    assert "this build is not sandboxed" in done.stderr


def test_step_sees_no_file_that_it_does_not_name(repository: Repository) -> None:
    """`evaluate.py` and the verifier's contract lie beside `train.py`, but not in its sandbox."""
    script = """
import os, pathlib, sys
seen = sorted(p.name for p in pathlib.Path(__file__).parent.iterdir())
assert seen == ["train.py"], seen
assert not pathlib.Path("/usr").exists() and not pathlib.Path("/bin/sh").exists()
assert "NIX_BUILD_CORES" not in os.environ and "NIX_STORE" not in os.environ, sorted(os.environ)
assert os.environ["PYTHONHASHSEED"] == "0" and os.environ["OMP_NUM_THREADS"] == "1"
import numpy as np, random
assert random.random() == 0.13436424411240122 and np.random.rand() == 0.417022004702574
from builder.runtime import tensors, paths
tensors.save(paths.output() / "model.safetensors", {"w": np.ones(1)})
"""
    repository.add_model("blind", {"train.py": script})
    done = repository.verifier("check", "blind")
    assert done.code == 0, done.out + done.err
