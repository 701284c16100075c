"""`verifier check --changed-since`: models whose derivation moved, and why; the others, and how that is known."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.integration.conftest import Done, Repository, new_repository
from tests.integration.test_other_repository import commit

CONTRACT = """owner: maintainers
tier: low
approvers: [alice]
escalation: ring the bell
intended_use: tests
metrics:
  - name: sum
    direction: higher
    tolerance: { absolute: 0.5 }
    minimum: MINIMUM
    reason: none
"""
Json = dict[str, list[dict[str, object]]]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A git repository with two models, committed once."""
    repository = new_repository(tmp_path_factory.mktemp("since") / "repository")
    for name in ("moving", "still"):
        repository.add_model(name, {"contract.yaml": CONTRACT.replace("MINIMUM", "1.0")})
    commit(repository.root)
    return repository


@pytest.fixture
def git(begun: Repository, tmp_path: Path) -> Repository:
    root = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(begun.root), str(root)], check=True)
    return Repository(root=root)


def since(
    repository: Repository, tmp_path: Path, revision: str = "HEAD~1", *models: str
) -> tuple[Done, Json]:
    said = tmp_path / "check.json"
    done = repository.verifier("check", *models, "--changed-since", revision, "--json", str(said))
    return done, json.loads(said.read_text()) if said.exists() else {}


def edit(repository: Repository, file: str, old: str, new: str) -> None:
    path = repository.root / "models" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    commit(repository.root)


def test_only_the_model_whose_derivation_moved_is_checked_and_the_file_is_named(
    git: Repository, tmp_path: Path
) -> None:
    edit(git, "moving/train.py", "np.float32)", "np.float32) + 1")
    done, said = since(git, tmp_path)
    assert done.code == 0, done.out + done.err
    assert [verdict["model"] for verdict in said["verdicts"]] == ["moving"]
    assert said["why"] == {"moving": "train: train.py changed"}
    assert [one["model"] for one in said["unaffected"]] == ["still"]
    assert "not affected  still: its derivation is that of HEAD~1" in done.out


def test_change_that_reaches_no_model_is_a_success_in_a_moment(git: Repository, tmp_path: Path) -> None:
    (git.root / "notes.md").write_text("new\n")
    commit(git.root)
    done, said = since(git, tmp_path)
    assert (done.code, said["verdicts"], len(said["unaffected"])) == (0, [], 2)
    assert done.out.startswith("nothing to check  the change since ")


def test_file_that_is_named_alike_and_read_by_no_step_does_not_count(git: Repository, tmp_path: Path) -> None:
    (git.root / "models" / "moving" / "train_notes.py").write_text("x = 1\n")
    commit(git.root)
    done, said = since(git, tmp_path)
    assert (done.code, said["verdicts"]) == (0, [])


def test_contract_that_promises_more_is_held_against_the_same_bits(git: Repository, tmp_path: Path) -> None:
    edit(git, "still/contract.yaml", "minimum: 1.0", "minimum: 100.0")
    done, said = since(git, tmp_path)
    assert done.code == 1, done.out + done.err
    assert said["why"] == {"still": "contract.yaml changed; its derivation did not"}
    (row,) = [row for row in said["verdicts"][0]["rows"] if row["status"] == "failed"]  # type: ignore[attr-defined]
    assert row["place"] == {"file": "models/still/contract.yaml", "line": 7}
    assert (said["verdicts"][0]["owner"], said["verdicts"][0]["escalation"]) == (
        "maintainers",
        "ring the bell",
    )


def test_parameters_that_changed_are_named_at_the_first_step_that_reads_them(
    git: Repository, tmp_path: Path
) -> None:
    edit(git, "moving/params.yaml", "seed: 1", "seed: 2")
    _, said = since(git, tmp_path)
    assert said["why"] == {"moving": "prepare: params.yaml changed"}


def test_new_model_and_one_that_is_gone_are_told(git: Repository, tmp_path: Path) -> None:
    git.add_model("fresh")
    subprocess.run(["git", "rm", "-rq", "models/moving"], cwd=git.root, check=True)
    commit(git.root)
    _, said = since(git, tmp_path)
    assert said["why"] == {"fresh": "it is new"}
    left = {one["model"]: one["why"] for one in said["unaffected"]}
    assert left["moving"] == "HEAD~1 has it, and the flake no longer does"


def test_what_is_not_committed_yet_counts(git: Repository, tmp_path: Path) -> None:
    path = git.root / "models" / "moving" / "evaluate.py"
    path.write_text(path.read_text() + "\n# later\n")
    _, said = since(git, tmp_path, "HEAD")
    assert said["why"] == {"moving": "evaluate: evaluate.py changed"}


def test_named_model_alone_is_asked_about(git: Repository, tmp_path: Path) -> None:
    edit(git, "moving/train.py", "np.float32)", "np.float32) + 2")
    done, said = since(git, tmp_path, "HEAD~1", "still")
    assert (done.code, said["verdicts"], [one["model"] for one in said["unaffected"]]) == (0, [], ["still"])


def test_flake_that_did_not_evaluate_then_affects_all(git: Repository, tmp_path: Path) -> None:
    flake = git.root / "flake.nix"
    text = flake.read_text()
    flake.write_text("{ broken")
    commit(git.root)
    flake.write_text(text)
    commit(git.root)
    done, said = since(git, tmp_path)
    assert done.code == 0, done.out + done.err
    assert set(said["why"]) == {"moving", "still"}
    assert all("HEAD~1 cannot be compared with" in why for why in said["why"].values())  # type: ignore[attr-defined]


@pytest.mark.parametrize("revision", ["nonsense", "--help", "HEAD~99", ""])
def test_revision_that_git_does_not_have_is_bad_input(git: Repository, tmp_path: Path, revision: str) -> None:
    done = git.verifier("check", f"--changed-since={revision}")
    assert done.code == 2
    assert f"has no commit {revision!r}" in done.err and "git fetch --unshallow" in done.err


def test_folder_without_git_is_bad_input(repository: Repository) -> None:
    repository.add_model("tiny")
    done = repository.verifier("check", "--changed-since", "HEAD")
    assert (done.code, "is not in git" in done.err) == (2, True)


def test_check_of_nothing_is_bad_input(repository: Repository) -> None:
    done = repository.verifier("check")
    assert (done.code, "no model is named" in done.err) == (2, True)
