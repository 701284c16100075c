"""Pipes and devices where files are linted: nobody waits for what never comes, or reads what has no end."""

import os
from pathlib import Path

import pytest

from tests.commands import run_here
from tests.unit.linted import add_model, lock, make_known, write_json


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    add_model(tmp_path, "first")
    (tmp_path / "locks").mkdir()
    write_json(tmp_path / "locks" / "mine.lock.json", lock("mine"))
    (tmp_path / "policy.yaml").write_text("schema: samebits/policy/v1\n")
    make_known(tmp_path)
    (tmp_path / "policy.yaml").unlink()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_pipe_where_git_knows_a_file_is_left_alone(repository: Path) -> None:
    os.mkfifo(repository / "policy.yaml")
    code, out, _ = run_here("lint")
    assert code == 0 and "nothing wrong was found" in out


def test_pipe_that_is_named_is_a_sentence(repository: Path) -> None:
    os.mkfifo(repository / "policy.yaml")
    code, out, said = run_here("lint", "policy.yaml")
    assert code != 0 and "policy.yaml" in out + said


def test_device_where_git_knows_a_file_is_left_alone(repository: Path) -> None:
    (repository / "policy.yaml").symlink_to("/dev/zero")
    assert run_here("lint")[0] == 0


def test_pipe_in_the_place_of_a_request_is_none(repository: Path) -> None:
    request = repository / "locks" / "mine.yaml"
    request.unlink(missing_ok=True)
    os.mkfifo(request)
    assert run_here("lint")[0] == 0
