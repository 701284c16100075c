"""cosign and model_signing with keys: how each names its key, and that the others believe it."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from tests.integration.clients import Client, cosign
from tests.integration.signed_subjects import MODEL_TYPE, TYPE, sign_model, statement, write_subjects


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return write_subjects(tmp_path)


def payload(bundle: Path) -> dict[str, object]:
    envelope = json.loads(bundle.read_text())["dsseEnvelope"]
    value: dict[str, object] = json.loads(base64.b64decode(envelope["payload"]))
    return value


def sign_with_key(client: Client, version: int) -> Path:
    """Makes a key pair, signs the statement about the blob with it, and returns the bundle."""
    client.succeed("generate-key-pair")
    how = {
        2: ["--tlog-upload=false", "--new-bundle-format", "blob"],
        3: ["--signing-config", "no-services.json", "--trusted-root", "no-root.json", "blob"],
    }[version]
    what = ["--predicate", "predicate.json", "--type", TYPE, "--key", "cosign.key"]
    client.succeed("attest-blob", "--yes", "--bundle", "key.json", *what, *how)
    return client.home / "key.json"


def verify_with_key(
    version: int, key: str | Path, bundle: str | Path, predicate_type: str
) -> list[str | Path]:
    """The arguments that verify a key's bundle, without the blob."""
    new = ["--new-bundle-format"] if version == 2 else []
    offline = ["--trusted-root", "no-root.json", "--insecure-ignore-tlog"]
    return [
        "verify-blob-attestation",
        "--key",
        key,
        "--bundle",
        bundle,
        "--type",
        predicate_type,
        *new,
        *offline,
    ]


@pytest.mark.parametrize("version", [2, 3])
def test_cosign_names_its_key_by_the_digest_of_its_der(home: Path, version: int) -> None:
    material = json.loads(sign_with_key(cosign(version, home), version).read_text())["verificationMaterial"]
    key = serialization.load_pem_public_key((home / "cosign.pub").read_bytes())
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert material == {"publicKey": {"hint": base64.b64encode(hashlib.sha256(der).digest()).decode()}}


@pytest.mark.parametrize("version", [2, 3])
def test_cosign_writes_an_old_statement_around_a_predicate(home: Path, version: int) -> None:
    bundle = sign_with_key(cosign(version, home), version)
    assert payload(bundle) == {**statement(b"bits"), "_type": "https://in-toto.io/Statement/v0.1"}


@pytest.mark.parametrize(("signed", "verified"), [(2, 3), (3, 2)])
def test_each_cosign_verifies_the_others_key_bundles(home: Path, signed: int, verified: int) -> None:
    bundle = sign_with_key(cosign(signed, home), signed)
    verifier = cosign(verified, home)
    verifier.succeed(*verify_with_key(verified, "cosign.pub", bundle, TYPE), "blob")
    (home / "blob").write_text("other bits")
    verifier.fail(*verify_with_key(verified, "cosign.pub", bundle, TYPE), "blob")


@pytest.mark.parametrize("version", [2, 3])
def test_cosign_refuses_another_key(home: Path, version: int) -> None:
    bundle = sign_with_key(cosign(version, home), version)
    other = cosign(version, home / "other")
    other.succeed("generate-key-pair")
    write_subjects(home / "other")
    assert "signature" in other.fail(*verify_with_key(version, "cosign.pub", bundle, TYPE), home / "blob")


def test_model_signing_names_its_key_by_the_digest_of_its_pem(home: Path) -> None:
    bundle = json.loads(sign_model(home).read_text())
    hint = hashlib.sha256((home / "ec.pub").read_bytes()).hexdigest()
    assert bundle["verificationMaterial"] == {"publicKey": {"hint": hint}, "tlogEntries": []}
    assert [set(signature) for signature in bundle["dsseEnvelope"]["signatures"]] == [{"sig", "keyid"}]


def test_cosign_2_verifies_a_model_by_its_digests(home: Path) -> None:
    client = cosign(2, home)
    command = verify_with_key(2, "ec.pub", sign_model(home), MODEL_TYPE)
    client.succeed(*command, "digests")
    client.fail(*command, "blob")


def test_cosign_3_verifies_a_model_by_its_subjects_digest(home: Path) -> None:
    client = cosign(3, home)
    command = verify_with_key(3, "ec.pub", sign_model(home), MODEL_TYPE)
    digest = hashlib.sha256((home / "digests").read_bytes()).hexdigest()
    client.succeed(*command, "--digestAlg", "sha256", "--digest", digest)
    client.fail(*command, "--digestAlg", "sha256", "--digest", "0" * 64)
