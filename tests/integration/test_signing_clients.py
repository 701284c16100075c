"""The matrix of clients: what we sign others verify, and what others sign we verify; on a whole bundle."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier, policy

from tests.integration.clients import cosign, python_client
from tests.integration.conftest import Done, run
from tests.integration.keys import make_keys
from tests.integration.signed_subjects import MODEL_TYPE, write_subjects
from tests.integration.test_clients_keyless import SIGNER, verify_keyless
from tests.integration.test_clients_with_keys import verify_with_key
from tests.keyless import World
from tests.unit.bundles import write_bundle
from verifier.signing.contents import read_contents
from verifier.signing.envelope import read_signed
from verifier.signing.oms import by_parts, oms_statement
from verifier.signing.results import PREDICATE_TYPE, evaluation
from verifier.signing.statement import statement_bytes


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World.start(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a bundle, keys, and files about it for other clients."""
    home = write_subjects(tmp_path / "home")
    make_keys(home)
    contents = read_contents(write_bundle(home / "tiny"))
    digests = [contents.files[name].sha256 for name in sorted(contents.files, key=by_parts)]
    (home / "digests").write_bytes(b"".join(digests))
    (home / "oms.json").write_bytes(statement_bytes(oms_statement("tiny", contents.files)))
    (home / "evaluation.json").write_text(json.dumps(evaluation(contents).predicate))
    return home


def verify(home: Path, statements: Path, *who: str | Path) -> Done:
    more = ["--statements", str(statements), "--json", str(home / "verdict.json")]
    return run("verifier", "verify", str(home / "tiny"), *map(str, who), *more)


def signature_of(home: Path, *how: str | Path) -> Path:
    done = run("verifier", "sign", str(home / "tiny"), *map(str, how))
    assert done.code == 0, done.err
    return next((home / "tiny.statements").glob("signature-*"))


def keyless(home: Path, world: World) -> list[str | Path]:
    (home / "token").write_text(world.token(SIGNER))
    return ["--keyless", "--identity-token-file", home / "token", "--trust-config", world.trust_config]


def pins(world: World) -> list[str | Path]:
    return ["--signer", SIGNER, "--issuer", world.issuer, "--trusted-root", world.trusted_root]


def root(home: Path) -> str:
    return hashlib.sha256((home / "digests").read_bytes()).hexdigest()


def test_model_signing_verifies_ours_with_a_key(home: Path) -> None:
    signature = signature_of(home, "--key", home / "key.pem")
    client = python_client("model_signing", home)
    command = ["verify", "key", "tiny", "--signature", signature, "--public_key", "key.pub"]
    client.succeed(*command)
    (home / "tiny" / "code" / "network.py").write_text("CLASSES = 11\n")
    client.fail(*command)


def test_we_verify_model_signings_with_a_key(home: Path) -> None:
    client = python_client("model_signing", home)
    client.succeed("sign", "key", "tiny", "--private_key", "key.pem", "--signature", "theirs.sig")
    assert verify(home, home / "theirs.sig", "--key", home / "key.pub").code == 0
    (home / "tiny" / "code" / "network.py").write_text("CLASSES = 11\n")
    assert verify(home, home / "theirs.sig", "--key", home / "key.pub").code == 1


def test_model_signing_verifies_ours_keyless(home: Path, world: World) -> None:
    signature = signature_of(home, *keyless(home, world))
    who = ["--identity", SIGNER, "--identity_provider", world.issuer, "--trust_config", world.trust_config]
    client = python_client("model_signing", home)
    client.succeed("verify", "sigstore", "tiny", "--signature", signature, *who)
    client.fail("verify", "sigstore", "model.json", "--signature", signature, *who)


def test_we_verify_model_signings_keyless(home: Path, world: World) -> None:
    how = ["--identity_token", world.token(SIGNER), "--trust_config", world.trust_config]
    client = python_client("model_signing", home)
    client.succeed("sign", "sigstore", "tiny", "--signature", "theirs.sig", *how)
    done = verify(home, home / "theirs.sig", *pins(world))
    assert done.code == 0, done.out


def test_cosign_2_verifies_ours_with_a_key(home: Path) -> None:
    client = cosign(2, home)
    command = verify_with_key(2, "key.pub", signature_of(home, "--key", home / "key.pem"), MODEL_TYPE)
    client.succeed(*command, "digests")
    client.fail(*command, "blob")


def test_cosign_3_verifies_ours_with_a_key(home: Path) -> None:
    client = cosign(3, home)
    command = verify_with_key(3, "key.pub", signature_of(home, "--key", home / "key.pem"), MODEL_TYPE)
    client.succeed(*command, "--digestAlg", "sha256", "--digest", root(home))
    client.fail(*command, "--digestAlg", "sha256", "--digest", "0" * 64)


def test_cosign_3_verifies_ours_keyless(home: Path, world: World) -> None:
    client = cosign(3, home)
    command = verify_keyless(world, signature_of(home, *keyless(home, world)), MODEL_TYPE)
    client.succeed(*command, "--digestAlg", "sha256", "--digest", root(home))
    client.fail(*command, "--digestAlg", "sha256", "--digest", "0" * 64)


def test_sigstore_verifies_ours_keyless(home: Path, world: World) -> None:
    signature = signature_of(home, *keyless(home, world))
    verifier = Verifier(trusted_root=TrustedRoot.from_file(str(world.trusted_root)))
    who = policy.Identity(identity=SIGNER, issuer=world.issuer)
    _, payload = verifier.verify_dsse(Bundle.from_json(signature.read_text()), who)
    assert payload == read_signed(signature).payload


@pytest.mark.parametrize("version", [2, 3])
def test_we_verify_cosigns_attestation_of_the_manifest(home: Path, version: int) -> None:
    """A statement about manifest.json is one about the bundle, beside our signature over all files."""
    client = cosign(version, home)
    client.succeed("generate-key-pair")
    ours = signature_of(home, "--key", home / "key.pem")
    how = {
        2: ["--tlog-upload=false", "--new-bundle-format"],
        3: ["--signing-config", "no-services.json", "--trusted-root", "no-root.json"],
    }[version]
    what = ["--predicate", "evaluation.json", "--type", PREDICATE_TYPE, "--key", "cosign.key"]
    target = ours.with_name("theirs.json")
    client.succeed("attest-blob", "--yes", "--bundle", target, *what, *how, "tiny/manifest.json")
    assert verify(home, ours.parent, "--key", home / "key.pub").code == 1
    both = ["--key", home / "key.pub", "--key", home / "cosign.pub"]
    done = verify(home, ours.parent, *both)
    assert done.code == 0, done.out
    assert json.loads((home / "verdict.json").read_text())["rows"][-1]["check"] == "evaluation"


def test_we_verify_cosigns_signature_over_all_files_with_a_key(home: Path) -> None:
    client = cosign(3, home)
    client.succeed("generate-key-pair")
    how = ["--signing-config", "no-services.json", "--trusted-root", "no-root.json", "--key", "cosign.key"]
    client.succeed("attest-blob", "--yes", "--bundle", "theirs.json", "--statement", "oms.json", *how)
    done = verify(home, home / "theirs.json", "--key", home / "cosign.pub")
    assert done.code == 0, done.out


def test_we_verify_cosigns_keyless_signature_that_is_the_first_of_its_log(home: Path, tmp_path: Path) -> None:
    """Cosign leaves out the index 0, as proto3 JSON may."""
    with World.start(tmp_path / "fresh", fresh_log=True) as world:
        client = cosign(3, home)
        (home / "token").write_text(world.token(SIGNER))
        services = ["--signing-config", world.signing_config, "--trusted-root", world.trusted_root]
        what = ["--statement", "oms.json", "--bundle", "theirs.json", "--identity-token", "token"]
        client.succeed("attest-blob", "--yes", *what, *services)
        (entry,) = json.loads((home / "theirs.json").read_text())["verificationMaterial"]["tlogEntries"]
        assert "logIndex" not in entry
        done = verify(home, home / "theirs.json", *pins(world))
        assert done.code == 0, done.out


def test_a_trust_config_of_services_that_are_gone_is_said(home: Path, tmp_path: Path) -> None:
    with World.start(tmp_path / "gone") as world:
        how = keyless(home, world)
    done = run("verifier", "sign", str(home / "tiny"), *map(str, how))
    assert done.code == 3
    assert "did not sign" in done.err
    assert not (home / "tiny.statements").exists()
