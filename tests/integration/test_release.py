"""`verifier release`, and what a check says when something moved since: real builds of a small model."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.integration.conftest import Repository, new_repository, run
from tests.integration.small import add_small, data_lock, edit, failure
from verifier.canonical import digest_of
from verifier.commands import release
from verifier.errors import CouldNotCheck


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a repository in which the model is released as 1.0.0, and the state of who did that."""
    folder = tmp_path_factory.mktemp("released")
    repository = new_repository(folder / "repository")
    add_small(repository)
    done = repository.verifier("release", "small", environment={"XDG_STATE_HOME": str(folder / "state")})
    assert done.code == 0, done.out + done.err
    return folder


@pytest.fixture
def repository(released: Path, tmp_path: Path) -> Repository:
    """A copy of that repository; the test's own state is a copy too."""
    shutil.copytree(released / "state", tmp_path / "state")
    return Repository(root=Path(shutil.copytree(released / "repository", tmp_path / "repository")))


@pytest.fixture
def small(repository: Repository) -> Path:
    """The folder of the model."""
    return repository.root / "models" / "small"


def test_an_unchanged_model_costs_no_build_and_says_so(small: Path, repository: Repository) -> None:
    done = repository.verifier("check", "small")
    assert done.code == 0, done.out
    assert "build:" not in done.err
    assert ": unchanged; two builds on this machine were equal to the last bit" in done.out
    assert "as released on" in done.out


def test_again_builds_an_unchanged_model_all_the_same(small: Path, repository: Repository) -> None:
    done = repository.verifier("check", "small", "--again")
    assert done.code == 0, done.out
    assert "second build: small-1.0.0-train" in done.err
    assert "as released on" in done.out


def test_a_release_alone_is_no_proof(small: Path, repository: Repository, tmp_path: Path) -> None:
    """On a machine that never saw it pass the model is built, whatever the file in git says."""
    done = repository.verifier("check", "small", environment={"XDG_STATE_HOME": str(tmp_path / "other")})
    assert done.code == 0, done.out
    assert "second build: small-1.0.0-train" in done.err


def test_a_changed_hyperparameter_asks_for_a_version(small: Path, repository: Repository) -> None:
    edit(small / "params.yaml", "steps: 12", "steps: 11")
    said = failure(repository.verifier("check", "small"))
    assert "contents changed, bump the version: hyperparameters.steps: 12 → 11 (params, weights" in said


def test_a_changed_data_file_asks_for_a_version_and_names_the_stage(
    small: Path, repository: Repository
) -> None:
    (small / "data.lock.json").write_text(data_lock(repository.root, "referencing"))
    done = repository.verifier("check", "small")
    assert "contents changed, bump the version: text: " in done.out
    assert "stage 'read': other labels: labels 0:" in done.out
    assert failure(done)


def test_a_changed_toolchain_asks_for_a_version(small: Path, repository: Repository) -> None:
    path = repository.root / "builder" / "locks" / "numpy.lock.json"
    lock = json.loads(path.read_text())
    del lock["digest"]
    lock["sources"] = [entry for entry in lock["sources"] if entry["name"] != "libgomp1"]
    path.write_text(json.dumps({**lock, "digest": digest_of(lock)}))
    said = failure(repository.verifier("check", "small"))
    assert "contents changed, bump the version: libgomp1: " in said
    assert "(toolchain" in said


def test_a_worse_model_fails_although_its_version_is_new(small: Path, repository: Repository) -> None:
    edit(small / "model.nix", "1.0.0", "1.1.0")
    edit(small / "params.yaml", "steps: 12", "steps: 1")
    done = repository.verifier("check", "small")
    assert "not released yet; since 1.0.0: params, weights, metrics" in done.out
    said = failure(done)
    assert "metric closeness: " in said
    assert "of 1.0.0; at most " in said
    assert "(a batch more or less)" in said


def test_a_better_model_is_asked_to_be_released(small: Path, repository: Repository) -> None:
    edit(small / "model.nix", "1.0.0", "1.1.0")
    edit(small / "train.py", 'weights["mean"] - np.float32(0.5) * gradient', "values.mean(keepdims=True)")
    done = repository.verifier("check", "small")
    assert done.code == 0, done.out
    assert "warning: " in done.out
    assert "verifier release" in done.out


def test_the_next_version_is_released_and_shown_in_the_history(small: Path, repository: Repository) -> None:
    edit(small / "model.nix", "1.0.0", "1.1.0")
    edit(small / "params.yaml", "seed: 1", "seed: 2")
    done = repository.verifier("release", "small")
    assert done.code == 0, done.out + done.err
    releases = [json.loads((small / "releases" / f"{v}.json").read_text()) for v in ("1.0.0", "1.1.0")]
    assert releases[1]["previous"] == {"version": "1.0.0", "digest": releases[0]["digest"]}
    history = run("verifier", "history", "small", "1.0.0", "1.1.0", "--flake", str(repository.root))
    assert history.code == 0, history.err
    assert "seed " in history.out and "1 → 2" in history.out


def test_releasing_twice_changes_nothing(small: Path, repository: Repository) -> None:
    before = (small / "releases" / "1.0.0.json").read_bytes()
    done = repository.verifier("release", "small")
    assert done.code == 0, done.out
    assert "it was before, and nothing changed" in done.out
    assert (small / "releases" / "1.0.0.json").read_bytes() == before


def test_what_is_not_verified_is_not_released(small: Path, repository: Repository) -> None:
    edit(small / "model.nix", "1.0.0", "1.1.0")
    edit(small / "params.yaml", "steps: 12", "steps: 1")
    done = repository.verifier("release", "small")
    assert done.code == 1
    assert "NOT RELEASED  small 1.1.0" in done.out
    assert not (small / "releases" / "1.1.0.json").exists()


def test_a_version_that_does_not_increase_is_refused(small: Path, repository: Repository) -> None:
    edit(small / "model.nix", "1.0.0", "0.9.0")
    for command in ("check", "release"):
        done = repository.verifier(command, "small")
        assert done.code == 2
        assert "version 0.9.0 does not increase: 1.0.0 is released already" in done.err


def test_a_release_edited_by_hand_is_refused_by_name(small: Path, repository: Repository) -> None:
    edit(small / "releases" / "1.0.0.json", '"level": "bitwise"', '"level": "within tolerance"')
    done = repository.verifier("check", "small")
    assert done.code == 2
    assert "verifier: models/small/releases/1.0.0.json was edited by hand" in done.err


def test_a_release_with_a_new_digest_is_told_by_its_bits(small: Path, repository: Repository) -> None:
    path = small / "releases" / "1.0.0.json"
    document = json.loads(path.read_text())
    document["metrics"]["scalars"]["closeness"] = 0.999
    del document["digest"]
    path.write_text(json.dumps({**document, "digest": digest_of(document)}))
    said = failure(repository.verifier("check", "small"))
    assert "its bits are those of the release, which says otherwise: closeness: 0.999 → " in said


def test_a_model_without_a_contract_is_not_released(small: Path, repository: Repository) -> None:
    (small / "contract.yaml").unlink()
    done = repository.verifier("release", "small")
    assert done.code == 2
    assert "small has no contract.yaml" in done.err


def test_a_contract_that_is_gone_leaves_metrics_unchecked(small: Path, repository: Repository) -> None:
    (small / "contract.yaml").unlink()
    done = repository.verifier("check", "small")
    assert done.code == 3, done.out
    assert "not checked: there is no contract.yaml" in done.out


def test_a_contract_of_an_unknown_metric_is_bad_input(small: Path, repository: Repository) -> None:
    edit(small / "contract.yaml", "closeness", "closness")
    done = repository.verifier("check", "small")
    assert done.code == 2, done.out
    assert "closeness" in done.err


@pytest.mark.parametrize("folder", ['""', "builtins.unsafeDiscardStringContext (toString ../lenient)"])
def test_a_contract_and_releases_cannot_be_hidden_by_the_model(
    folder: str, small: Path, repository: Repository
) -> None:
    edit(small / "contract.yaml", "direction: higher", "direction: higher\n    minimum: 0.95")
    shutil.copytree(small, repository.root / "models" / "lenient")
    (repository.root / "models" / "lenient" / "model.nix").unlink()
    edit(repository.root / "models" / "lenient" / "contract.yaml", "minimum: 0.95", "minimum: 0")
    edit(small / "model.nix", 'card = "card.md";\n}', f'card = "card.md";\n}} // {{ folder = {folder}; }}')
    assert "closeness: 0.6932 is below the minimum of 0.95" in failure(repository.verifier("check", "small"))


def test_a_flake_that_hides_the_folder_is_refused(small: Path, repository: Repository) -> None:
    """Older rules do not name it, and nothing would be held against contract and releases."""
    edit(repository.root / "builder" / "outputs.nix", " folder = builtins", " older = builtins")
    done = repository.verifier("check", "small")
    assert done.code == 2, done.out
    assert "the flake does not say where the folder of small is" in done.err


def test_a_release_that_git_does_not_know_keeps_the_next_from_being_made(
    small: Path, repository: Repository
) -> None:
    """The next would be a first release otherwise: worse metrics would pass, and the chain would break."""
    git = ["git", "-C", str(repository.root), "-c", "init.defaultBranch=main"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "--all", "--", ".", ":!models/small/releases"], check=True)
    edit(small / "model.nix", "1.0.0", "1.1.0")
    done = repository.verifier("release", "small")
    assert done.code == 2, done.out
    assert f"the flake does not show {small / 'releases' / '1.0.0.json'}, which is there" in done.err
    assert "git add" in done.err


def test_a_folder_that_takes_no_file_is_told_before_anything_is_built() -> None:
    with pytest.raises(CouldNotCheck) as caught:
        release._refuse_unwritable(Path("/proc/self/releases"))
    assert caught.value.sentence.startswith("no release can be written into /proc/self/releases: ")


def test_a_model_that_cannot_be_built_does_not_keep_others_from_a_release(
    small: Path, repository: Repository, tmp_path: Path
) -> None:
    edit(Path(shutil.copytree(small, small.with_name("broken"))) / "model.nix", '"small"', '"broken"')
    shutil.rmtree(small.with_name("broken") / "releases")
    edit(small.with_name("broken") / "prepare.py", "import numpy", "import nothing")
    edit(small / "model.nix", "1.0.0", "1.1.0")
    done = repository.verifier("release", "broken", "small", "--json", str(tmp_path / "v.json"))
    assert done.code == 2, done.out + done.err
    assert "step prepare of broken: prepare.py failed" in done.err
    assert (small / "releases" / "1.1.0.json").is_file()
    said = json.loads((tmp_path / "v.json").read_text())
    assert [one["model"] for one in said["verdicts"]] == ["small"]
    assert [one["model"] for one in said["errors"]] == ["broken"]
