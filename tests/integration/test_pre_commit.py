"""The hook, run by the real pre-commit: it installs this repository as the hook's own, and lints at a commit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.integration.copies import NAMED, copy_rules
from tests.unit.linted import add_model

MANIFEST = REPOSITORY / ".pre-commit-hooks.yaml"
CONFIG = """repos:
  - repo: {rules}
    rev: {revision}
    hooks:
      - id: samebits-lint
"""


def git(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *NAMED, *words], cwd=root, capture_output=True, text=True, check=False, env=surroundings(root)
    )


def surroundings(root: Path) -> dict[str, str]:
    """pre-commit keeps its clones and environments in the test's own folder, one for all tests of this module."""
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ours = {"PRE_COMMIT_HOME": str(root.parent / "hooks"), "PATH": programs}
    return {**{key: value for key, value in os.environ.items() if key != "PYTHONPATH"}, **ours}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that has the hook installed, with one model committed."""
    folder = tmp_path_factory.mktemp("pre-commit")
    rules, root = folder / "rules", folder / "repository"
    revision = copy_rules(rules)
    add_model(root, "small")
    (root / ".pre-commit-config.yaml").write_text(CONFIG.format(rules=rules, revision=revision))
    assert git(root, "init", "-q").returncode == 0
    installed = subprocess.run(
        [sys.executable, "-m", "pre_commit", "install", "--install-hooks"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env=surroundings(root),
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return root


def test_manifest_is_what_pre_commit_asks_for() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST)]
    subprocess.run(command, check=True)


def test_right_files_are_committed_and_a_fault_is_not(root: Path) -> None:
    git(root, "add", "--all")
    done = git(root, "commit", "-m", "right")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "samebits lint" in done.stderr and "Passed" in done.stderr
    (root / "models/small/params.yaml").write_text("seed: 1\nseed: 2\n")
    git(root, "add", "--all")
    done = git(root, "commit", "-m", "wrong")
    assert done.returncode == 1
    assert "models/small/params.yaml:2: the key 'seed' is given twice" in done.stderr


def test_commit_of_other_files_does_not_run_it(root: Path) -> None:
    git(root, "reset", "-q", "--hard")
    (root / "README.md").write_text("x\n")
    git(root, "add", "--all")
    done = git(root, "commit", "-m", "other")
    assert done.returncode == 0
    assert "no files to check" in done.stderr
