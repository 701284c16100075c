"""What is wrong on the command line of `verifier sign` and `verify`, and of `check --out`: one sentence each."""

from pathlib import Path

import pytest

from tests.integration.conftest import Repository, run
from tests.integration.keys import Keys
from tests.integration.signing import verify


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nobody may sign"),
        (["--signer", "a@example.org"], "needs its --issuer"),
        (["--key", "nowhere.pub"], "cannot be read"),
        (["--key", "KEY"], "is a private key"),
        (["--key", "README.md"], "no public key"),
        (["--key", "PUB", "--trusted-root", "x"], "is for --signer"),
        (["--signer", "a", "--issuer", "b", "--trusted-root", "README.md"], "no trusted root"),
        (["--signer", "a", "--issuer", "b", "--trusted-root", "nowhere.json"], "cannot be read"),
    ],
)
def test_bad_usage_of_verify_is_one_sentence(
    arguments: list[str], said: str, bundle: Path, keys: Keys
) -> None:
    words = {"KEY": str(keys.private), "PUB": str(keys.public)}
    done = run("verifier", "verify", str(bundle), *(words.get(word, word) for word in arguments))
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--key", "nowhere.pem"], "cannot be read"),
        (["--key", "PUB"], "no private key"),
        (["--key", "KEY", "--check", "README.md"], "cannot be read as JSON"),
        (["--key", "KEY", "--trust-config", "x"], "are for --keyless"),
        (["--keyless"], "no OIDC token"),
        (["--keyless", "--identity-token-file", "README.md"], "OIDC token is of no use"),
        (["--keyless", "--identity-token-file", "nowhere"], "cannot be read"),
    ],
)
def test_bad_usage_of_sign_is_one_sentence(arguments: list[str], said: str, bundle: Path, keys: Keys) -> None:
    words = {"KEY": str(keys.private), "PUB": str(keys.public)}
    done = run("verifier", "sign", str(bundle), *(words.get(word, word) for word in arguments))
    assert done.code == 2, done.err
    assert said in done.err
    assert not bundle.with_name("tiny.statements").exists()


def test_a_folder_that_is_no_bundle_is_said(tmp_path: Path, keys: Keys) -> None:
    assert verify(tmp_path / "nowhere", keys.public).code == 2
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("x")
    done = verify(tmp_path / "folder", keys.public)
    assert done.code == 1
    assert "invalid-manifest" in done.out


def test_out_replaces_bundles_alone(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "out" / "tiny").mkdir(parents=True)
    (tmp_path / "out" / "tiny" / "thesis.txt").write_text("years of work")
    done = repository.verifier("check", "tiny", "--out", str(tmp_path / "out"))
    assert done.code == 2
    assert "is no bundle" in done.err
    assert (tmp_path / "out" / "tiny" / "thesis.txt").exists()
