"""What people and machines get wrong: one clear sentence, the right exit code, nothing lost."""

import json
from pathlib import Path

import pytest

from tests.integration.conftest import Repository, run

PARAMS = {
    "unknown-key": (
        "seed: 1\nhyperparameter: {}\n",
        "unknown key 'hyperparameter'; did you mean 'hyperparameters'?",
    ),
    "wrong-type": ("seed: one\n", "seed must be of type integer, found 'one'"),
    "missing": ("hyperparameters: {}\n", "'seed' is a required property"),
    "unknown-device": ("seed: 1\ndevice: gpu\n", "device: 'gpu' is not one of ['cpu', 'cuda']"),
    "unread-by-nix": (
        'seed: 1\n"threads": 4\n',
        "params.yaml says threads 4, but Nix reads 1 there",
    ),
    "several-threads": ("seed: 1\nthreads: 2\n", "the profile portable runs one thread"),
    "allows-nonsense": (
        "seed: 1\nallow: {torch.sqr: because}\n",
        "params.yaml allows 'torch.sqr', which nothing refuses; did you mean 'torch.sqrt'?",
    ),
    "twice": ("seed: 1\nseed: 2\n", "key 'seed' is given twice"),
    "no-yaml": ("seed: [1\n", "params.yaml is not YAML"),
}


@pytest.mark.parametrize("name", PARAMS)
def test_params_that_do_not_match_are_named(name: str, repository: Repository) -> None:
    text, sentence = PARAMS[name]
    repository.add_model(name, {"params.yaml": text})
    done = repository.verifier("check", name)
    assert sentence in done.err
    assert done.code == 2, done.err


def test_unknown_hyperparameter_names_the_nearest(repository: Repository) -> None:
    schema = {"additionalProperties": False, "properties": {"epochs": {"type": "integer"}}}
    files = {
        "params.yaml": "seed: 1\nhyperparameters: {epoch: 3}\n",
        "hyperparameters.schema.json": json.dumps(schema),
    }
    repository.add_model("typo", files)
    done = repository.verifier("check", "typo")
    assert "unknown key 'epoch'; did you mean 'epochs'?" in done.err
    assert done.code == 2


def test_gpu_that_nobody_offers_says_which_setting_is_missing(repository: Repository) -> None:
    repository.add_model("on-a-gpu", {"params.yaml": "seed: 1\ndevice: cuda\n"})
    done = repository.verifier("check", "on-a-gpu")
    assert done.code == 3
    assert "on-a-gpu needs a builder that offers cuda, and none here does" in done.err
    assert "`extra-system-features = cuda` in nix.conf" in done.err


def test_profile_that_does_not_exist_is_named(repository: Repository) -> None:
    folder = repository.add_model("quick")
    text = (
        (folder / "model.nix").read_text().replace('card = "card.md";', 'card = "card.md"; profile = "fast";')
    )
    (folder / "model.nix").write_text(text)
    done = repository.verifier("check", "quick")
    assert done.code == 2
    assert "there is no profile fast; the profiles are native and portable" in done.err


def test_toolchain_that_does_not_exist_names_the_nearest(repository: Repository) -> None:
    folder = repository.add_model("misnamed")
    text = (folder / "model.nix").read_text().replace("toolchains.numpy", "toolchains.torch-cuba")
    (folder / "model.nix").write_text(text)
    done = repository.verifier("check", "misnamed")
    assert done.code == 2
    assert "'torch-cuba' missing" in done.err
    assert "did you mean 'torch-cuda'?" in done.err


def test_ancestor_that_is_no_data_is_named(repository: Repository) -> None:
    folder = repository.add_model("orphan")
    text = (
        (folder / "model.nix")
        .read_text()
        .replace('card = "card.md";', 'card = "card.md"; lineage = [ "base" ];')
    )
    (folder / "model.nix").write_text(text)
    done = repository.verifier("check", "orphan")
    assert done.code == 2
    assert "the lineage of orphan names base, which is not in its `data`" in done.err


def test_unknown_model_names_the_nearest(tmp_path: Path) -> None:
    done = run("verifier", "check", "digit", "--json", str(tmp_path / "out.json"))
    assert done.code == 2
    assert "has no model called 'digit'" in done.err
    assert "Did you mean 'digits'?" in done.err
    assert json.loads((tmp_path / "out.json").read_text())["errors"][0]["exit_code"] == 2


def test_file_that_a_model_names_but_lacks_is_named(repository: Repository) -> None:
    folder = repository.add_model("gap")
    (folder / "train.py").unlink()
    done = repository.verifier("check", "gap")
    assert "the model gap names the file train.py, which is not in its folder" in done.err
    assert done.code == 2


def test_hand_edited_lock_is_refused(repository: Repository) -> None:
    repository.add_model("model")
    lock = repository.root / "builder" / "locks" / "numpy.lock.json"
    lock.write_text(lock.read_text().replace('"version": "2.4.6"', '"version": "2.4.7"'))
    for done in (
        repository.verifier("check", "model"),
        run("builder", "fetch", "--flake", str(repository.root), "model"),
        run("builder", "lock", "--root", str(repository.root), "numpy"),
    ):
        assert done.code == 2
        assert "numpy.lock.json was edited by hand" in done.err


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "samebits/lock/v1"}'])
def test_malformed_lock_is_refused(text: str, repository: Repository) -> None:
    repository.add_model("model")
    lock = repository.root / "builder" / "locks" / "numpy.lock.json"
    lock.write_text(text)
    for done in (
        repository.verifier("check", "model"),
        run("builder", "fetch", "--flake", str(repository.root), "model"),
        run("builder", "lock", "--root", str(repository.root), "numpy"),
    ):
        assert done.code == 2, done.err
        assert "numpy.lock.json" in done.err


def test_missing_nix_says_how_to_get_it(tmp_path: Path) -> None:
    for arguments in (("verifier", "check", "digits"), ("builder", "fetch", "digits")):
        done = run(*arguments, environment={"PATH": str(tmp_path)})
        assert done.code == 3
        assert "apt-get install nix-bin" in done.err


def test_folder_without_a_flake_says_so(tmp_path: Path) -> None:
    done = run("verifier", "check", "digits", "--flake", str(tmp_path))
    assert done.code == 2
    assert "does not evaluate" in done.err


LIES = {
    "another-path": ("// { outPath = toolchains.numpy.outPath; }", "its derivation says"),
    "another-derivation": ("// { drvPath = toolchains.numpy.drvPath; }", "the flake says that"),
    "a-step-elsewhere": (
        "// { train = toolchains.numpy.sysroot // { drvPath = STRAY; }; }",
        "not all read by its bundle",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_model_that_says_other_than_it_builds_is_refused(name: str, repository: Repository) -> None:
    change, sentence = LIES[name]
    folder = repository.add_model(name)
    stray = '(derivation { name = "stray"; system = "x86_64-linux"; builder = "/none"; }).drvPath'
    text = (folder / "model.nix").read_text().rstrip()
    (folder / "model.nix").write_text(f"{text} {change.replace('STRAY', stray)}\n")
    done = repository.verifier("check", name)
    assert sentence in done.err
    assert done.code == 2, done.err
