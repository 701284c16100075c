"""A repository of somebody else: our flake as an input, their own models and their own lock."""

import subprocess
from pathlib import Path

import pytest

from tests.integration.conftest import Repository, run
from tests.integration.copies import commit, copy_rules

NIX = ["nix", "--extra-experimental-features", "nix-command flakes"]
FLAKE = """{
  inputs.samebits.url = "git+file://RULES";
  outputs = { self, samebits }: samebits.lib.outputs { models = ./models; locks = ./locks; };
}
"""


@pytest.fixture
def theirs(tmp_path: Path) -> Repository:
    """A git repository whose flake has a committed copy of ours as its input."""
    rules = tmp_path / "rules"
    copy_rules(rules)
    root = tmp_path / "theirs"
    (root / "models").mkdir(parents=True)
    (root / "locks").mkdir()
    (root / "flake.nix").write_text(FLAKE.replace("RULES", str(rules)))
    return Repository(root=root)


def test_their_model_on_their_own_toolchain_is_verified(theirs: Repository) -> None:
    (theirs.root / "locks" / "small.yaml").write_text(
        "kind: toolchain\npython: '3.11'\n"
        "wheels: [numpy==2.4.6, safetensors, pyyaml, jsonschema, threadpoolctl, six]\n"
    )
    model = theirs.add_model("their-model", {"train.py": TRAIN_WITH_SIX})
    text = (model / "model.nix").read_text().replace("toolchains.numpy", "toolchains.small")
    (model / "model.nix").write_text(text)
    locked = run("builder", "lock", "small", "--root", str(theirs.root))
    assert locked.code == 0, locked.err
    commit(theirs.root)
    subprocess.run([*NIX, "flake", "lock"], cwd=theirs.root, check=True, capture_output=True)
    commit(theirs.root)
    done = theirs.verifier("check", "their-model")
    assert done.code == 0, done.out + done.err
    assert "verified  their-model 1.0.0" in done.out


TRAIN_WITH_SIX = """
import numpy as np
import six
from builder.runtime import paths, tensors
tensors.save(paths.output() / "model.safetensors", {"w": np.array([len(six.__version__)], np.float32)})
"""


def test_toolchain_without_what_the_runtime_needs_says_so(theirs: Repository) -> None:
    (theirs.root / "locks" / "bare.yaml").write_text("kind: toolchain\npython: '3.11'\nwheels: [six]\n")
    model = theirs.add_model("bare-model")
    text = (model / "model.nix").read_text().replace("toolchains.numpy", "toolchains.bare")
    (model / "model.nix").write_text(text)
    assert run("builder", "lock", "bare", "--root", str(theirs.root)).code == 0
    commit(theirs.root)
    subprocess.run([*NIX, "flake", "lock"], cwd=theirs.root, check=True, capture_output=True)
    done = theirs.verifier("check", "bare-model")
    assert done.code == 2
    assert "bare.lock.json lacks jsonschema" in done.err
