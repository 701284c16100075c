"""What a change rebuilds: a file that a step can read is part of its hash, and no other file is."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

NIX = ["nix", "--extra-experimental-features", "nix-command flakes"]
STEPS = ("prepare", "train", "evaluate", "package")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of all that git knows of this repository, so that the whole of it may change something."""
    root = tmp_path / "copy"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (REPOSITORY / name).exists():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, root / name)
    return root


def derivations(root: Path) -> dict[str, str]:
    """Returns the derivation of every step of digits."""
    apply = "m: { prepare = m.prepare.drvPath; train = m.train.drvPath; evaluate = m.evaluate.drvPath;"
    apply += " package = m.drvPath; }"
    argv = [*NIX, "eval", "--json", f"{root}#digits", "--apply", apply]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, env={**os.environ})
    result: dict[str, str] = json.loads(done.stdout)
    return result


def append(line: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.write_text(path.read_text() + line)

    return change


COMMENT = append("\n# changed\n")
CHANGES = {
    "README.md": (append("changed\n"), ()),
    "docs/reference/bundle.md": (append("changed\n"), ()),
    "verifier/cli.py": (COMMENT, ()),
    "builder/cli.py": (COMMENT, ()),
    "models/digits/data.yaml": (COMMENT, ()),
    "models/digits/card.md": (append("changed\n"), ("package",)),
    "models/digits/predict.py": (COMMENT, ("package",)),
    "builder/runtime/proofs/golden.py": (COMMENT, ()),
    "models/digits/evaluate.py": (COMMENT, ("evaluate", "package")),
    "builder/runtime/packaging/card.py": (COMMENT, ("package",)),
    "models/digits/train.py": (COMMENT, ("train", "evaluate", "package")),
    "models/digits/network.py": (COMMENT, ("train", "evaluate", "package")),
    "models/digits/params.yaml": (COMMENT, STEPS),
    "models/digits/prepare.py": (COMMENT, STEPS),
    "builder/runtime/launch.py": (COMMENT, STEPS),
    "builder/profile.nix": (append("\n"), ()),
}


@pytest.mark.parametrize("file", CHANGES)
def test_a_change_rebuilds_the_steps_that_read_it_and_no_other(file: str, copy: Path) -> None:
    change, expected = CHANGES[file]
    before = derivations(copy)
    change(copy / file)
    after = derivations(copy)
    assert tuple(step for step in STEPS if before[step] != after[step]) == expected


def test_a_file_beside_the_model_changes_nothing(copy: Path) -> None:
    before = derivations(copy)
    (copy / "models" / "digits" / "contract.yaml").write_text("owner: nobody\n")
    assert derivations(copy) == before
