"""`--ledger` of the commands that build: a check and a release are on record, a *no* too."""

import subprocess
from pathlib import Path

import pytest

from tests.integration.conftest import Repository
from tests.integration.small import add_small
from verifier.ledger.database import begin_ledger
from verifier.ledger.ledger import open_ledger


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    path = str(tmp_path / "ledger.sqlite")
    begin_ledger(path)
    return path


def recorded(ledger: str) -> list[tuple[str, str, object]]:
    with open_ledger(ledger) as opened:
        return [(e.kind, e.subject, e.body.get("verified", e.body.get("version"))) for e in opened.entries()]


def test_release_and_check_are_recorded(repository: Repository, ledger: str) -> None:
    add_small(repository)
    subprocess.run(["git", "-C", repository.root, "add", "-A"], check=False, capture_output=True)
    done = repository.verifier("release", "small", "--ledger", ledger)
    assert done.code == 0, done.out + done.err
    assert recorded(ledger) == [("release", "small", "1.0.0")]
    subprocess.run(["git", "-C", repository.root, "add", "-A"], check=False, capture_output=True)
    done = repository.verifier("release", "small", "--ledger", ledger)
    assert "it was before, and nothing changed" in done.out
    assert len(recorded(ledger)) == 1
    assert repository.verifier("check", "small", "--ledger", ledger).code == 0
    assert recorded(ledger)[1:] == [("check", "small", True)]


def test_failed_check_is_recorded(repository: Repository, ledger: str) -> None:
    repository.add_model("tiny", {"train.py": CHANCE})
    assert repository.verifier("check", "tiny", "--ledger", ledger).code == 1
    assert recorded(ledger) == [("check", "tiny", False)]


def test_missing_ledger_is_bad_input(repository: Repository, tmp_path: Path) -> None:
    repository.add_model("tiny")
    done = repository.verifier("check", "tiny", "--ledger", str(tmp_path / "none"))
    assert done.code == 2
    assert "verifier audit begin" in done.err
    assert "build" not in done.err  # before anything is built


CHANCE = """
import os
import numpy as np
from builder.runtime import paths, tensors
tensors.save(paths.output() / "model.safetensors", {"w": np.frombuffer(os.urandom(8), np.float32)})
"""
