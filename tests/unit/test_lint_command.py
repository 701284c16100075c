"""`verifier lint`: which files it takes, what it prints and how it exits."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.commands import run_here
from tests.conftest import REPOSITORY
from tests.unit.linted import add_model, lock, make_known, write_json

MODELS = 200
MOST_CPU_SECONDS = 2.0  # on a machine that does other things too; `make bench` has the real figure


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repository"
    add_model(root, "first")
    add_model(root, "second")
    (root / "locks").mkdir()
    write_json(root / "locks" / "mine.lock.json", lock("mine"))
    make_known(root)
    monkeypatch.chdir(root)
    return root


def test_all_that_git_knows_is_linted(repository: Path) -> None:
    assert run_here("lint") == (0, "7 files: nothing wrong was found\n", "")


def test_findings_are_a_line_each_by_file_and_line(repository: Path) -> None:
    (repository / "models/second/params.yaml").write_text("seed: 1\nseed: 2\n")
    (repository / "models/first/contract.yaml").write_text("metrics: []\n")
    code, out, _ = run_here("lint")
    assert code == 1
    first, second = out.splitlines()
    assert first.startswith("models/first/contract.yaml:1: 'metrics' is []; it must be ")
    assert second == "models/second/params.yaml:2: the key 'seed' is given twice"


def test_below_the_working_folder_only(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "models/second/params.yaml").write_text("seed: one\n")
    monkeypatch.chdir(repository / "models" / "first")
    assert run_here("lint")[:2] == (0, "3 files: nothing wrong was found\n")


def test_files_of_other_programs_with_such_names_are_left_alone(repository: Path) -> None:
    for name in ("params.yaml", "contract.yaml", "policy.yaml", "other.lock.json"):
        (repository / name).write_text("anything: [\n")
    make_known(repository)
    assert run_here("lint")[:2] == (0, "7 files: nothing wrong was found\n")


def test_policy_of_ours_is_known_by_its_lines_whatever_it_is_called(repository: Path) -> None:
    (repository / "gate.yml").write_text("schema: samebits/policy/v1\n")
    (repository / "odd.yaml").write_text("parties: {}\ntiers: {}\n")
    make_known(repository)
    code, out, _ = run_here("lint")
    assert code == 1
    assert [line.split(":")[0] for line in out.splitlines()] == ["gate.yml", "odd.yaml"]


def test_lock_of_ours_that_lies_elsewhere_is_known_by_its_schema(repository: Path) -> None:
    write_json(repository / "else.lock.json", {**lock("else"), "digest": "0" * 64})
    make_known(repository)
    assert run_here("lint")[1].startswith("else.lock.json:2: it was edited by hand")


def test_file_that_git_knows_and_that_was_removed_is_no_finding(repository: Path) -> None:
    (repository / "models/first/contract.yaml").unlink()
    assert run_here("lint")[:2] == (0, "6 files: nothing wrong was found\n")


def test_named_files_are_linted_wherever_they_are(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("seed: one\n")
    code, out, _ = run_here("lint", str(tmp_path / "params.yaml"))
    assert (code, out) == (1, f'{tmp_path}/params.yaml:1: seed must be of type integer, found "one"\n')


def test_schema_of_hyperparameters_stands_for_the_parameters_beside_it(repository: Path) -> None:
    schema = repository / "models/first/hyperparameters.schema.json"
    schema.write_text('{"required": ["other"]}')
    code, out, _ = run_here("lint", str(schema))
    assert code == 1
    assert out.endswith("params.yaml:2: the key 'other' is missing in 'hyperparameters'\n")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("gone.yaml", "gone.yaml does not exist"),
        ("README.md", "README.md is no contract.yaml, params.yaml, "),
    ],
)
def test_unknown_file_is_bad_input(repository: Path, name: str, sentence: str) -> None:
    (repository / "README.md").write_text("")
    code, out, err = run_here("lint", name)
    assert (code, out) == (2, "")
    assert sentence in err


def test_outside_of_git_files_have_to_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    code, _, err = run_here("lint")
    assert code == 2
    assert "this folder is in no git repository" in err


def test_nothing_to_lint_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "README.md").write_text("")
    make_known(tmp_path)
    monkeypatch.chdir(tmp_path)
    code, _, err = run_here("lint")
    assert code == 2
    assert "git knows no contract" in err


def test_without_git_the_error_says_so(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    code, _, err = run_here("lint")
    assert code == 3
    assert "git is not installed" in err


def test_json_matches_its_schema(repository: Path) -> None:
    (repository / "models/second/params.yaml").write_text("seed: one\n")
    code, out, err = run_here("lint", "--json", "-")
    document = json.loads(out)
    schema = json.loads((REPOSITORY / "verifier/schemas/lint.schema.json").read_text())
    Draft202012Validator(schema).validate(document)
    assert code == 1 and err.startswith("models/second/params.yaml:1: ")
    assert document["files"] == 7
    assert document["findings"][0]["file"] == "models/second/params.yaml"


def test_json_does_not_overwrite_what_is_linted(repository: Path) -> None:
    path = "models/first/params.yaml"
    code, _, err = run_here("lint", path, "--json", path)
    assert code == 2 and "would change" in err


def test_hostile_name_does_not_write_to_the_terminal(repository: Path) -> None:
    folder = add_model(repository, "bad\x1b[31m\nname")
    (folder / "params.yaml").write_text("seed: one\n")
    make_known(repository)
    _, out, _ = run_here("lint")
    assert "models/bad\\x1b[31m\\x0aname/params.yaml:1: " in out
    assert "\x1b" not in out


def test_what_never_passes_is_a_finding_and_what_never_fails_is_none(tmp_path: Path) -> None:
    path = REPOSITORY / "docs" / "examples" / "policy.yaml"
    assert run_here("lint", str(path))[0] == 0
    spoiled = tmp_path / "policy.yaml"
    spoiled.write_text(path.read_text().replace("formats: [safetensors, json, text]", "formats: [text]"))
    code, out, _ = run_here("lint", str(spoiled))
    assert code == 1
    assert "never passes: json is not allowed" in out


def test_own_repository_is_clean() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "verifier", "lint"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_hundred_models_take_no_time(tmp_path: Path) -> None:
    for number in range(MODELS):
        add_model(tmp_path, f"model-{number:03}")
    make_known(tmp_path)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "verifier", "lint"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.stdout == f"{3 * MODELS} files: nothing wrong was found\n", done.stderr
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < MOST_CPU_SECONDS
