"""`verifier history` on a real flake: the releases of its folder, or a sentence and an exit code."""

import json
from pathlib import Path

import pytest

from tests.integration.conftest import Done, Repository, run
from tests.integration.small import edit
from tests.unit.released import altered, make_document, put, successor


def history(repository: Repository, *arguments: str) -> Done:
    return run("verifier", "history", *arguments, "--flake", str(repository.root))


def set_version(model: Path, version: str) -> None:
    text = (model / "model.nix").read_text()
    (model / "model.nix").write_text(text.replace('version = "1.0.0"', f'version = "{version}"'))


@pytest.fixture
def model(repository: Repository) -> Path:
    return repository.add_model("tiny")


@pytest.fixture
def released(model: Path, tmp_path: Path) -> Path:
    """The folder of a model with the releases 1.0.0 and 1.2.0."""
    first = make_document(tmp_path / "bundle")
    put(model / "releases", first)
    worse = altered(first, lambda d: d["metrics"]["scalars"].update(accuracy=0.25))
    second = successor({**worse, "version": "1.0.0", "digest": first["digest"]}, "1.2.0")
    put(model / "releases", second)
    return model


def test_model_without_a_release_says_how_to_make_one(repository: Repository, model: Path) -> None:
    done = history(repository, "tiny")
    assert done.out == "tiny has no release yet; make one with: verifier release tiny\n"
    assert done.code == 0, done.err


def test_history_is_read_from_the_folder_of_the_model(repository: Repository, released: Path) -> None:
    set_version(released, "1.4.0")
    done = history(repository, "tiny", "--json", "-")
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert [entry["version"] for entry in said["releases"]] == ["1.0.0", "1.2.0"]
    assert said["current"] == {"version": "1.4.0", "released": False}
    assert "1.4.0: not released" in done.err


def test_two_releases_are_compared(repository: Repository, released: Path) -> None:
    set_version(released, "1.2.0")
    done = history(repository, "tiny", "1.0.0", "1.2.0")
    assert done.code == 0, done.err
    assert "tiny 1.0.0 → 1.2.0: metrics" in done.out
    assert "0.5 → 0.25 (-0.25)" in done.out


def test_unknown_version_names_the_nearest(repository: Repository, released: Path) -> None:
    done = history(repository, "tiny", "1.0.0", "1.2")
    assert (done.code, done.out) == (2, "")
    assert "'1.2' is not released" in done.err
    assert "Did you mean '1.2.0'?" in done.err


def test_one_version_alone_is_bad_usage(repository: Repository, released: Path) -> None:
    done = history(repository, "tiny", "1.0.0")
    assert done.code == 2
    assert "two versions are compared" in done.err


def test_version_that_does_not_increase_is_refused(repository: Repository, released: Path) -> None:
    set_version(released, "1.1.0")
    done = history(repository, "tiny")
    assert (done.code, done.out) == (2, "")
    assert "version 1.1.0 does not increase: 1.2.0 is released already" in done.err


def test_edited_release_is_refused(repository: Repository, released: Path) -> None:
    path = released / "releases" / "1.0.0.json"
    path.write_text(path.read_text().replace('"accuracy": 0.5', '"accuracy": 0.9'))
    done = history(repository, "tiny")
    assert (done.code, done.out) == (2, "")
    assert "was edited by hand: its digest does not fit its content" in done.err


def test_rules_that_do_not_say_where_the_folder_is_are_named(repository: Repository, model: Path) -> None:
    edit(repository.root / "builder" / "outputs.nix", " folder = builtins", " older = builtins")
    done = history(repository, "tiny")
    assert done.code == 2
    assert "the flake does not say where the folder of tiny is" in done.err
