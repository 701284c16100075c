"""cosign and model_signing in a keyless world: each believes what the others sign there, and none a bent one."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sigstore.models import Bundle, InvalidBundle, TrustedRoot
from sigstore.verify import Verifier, policy

from tests.integration.clients import Client, cosign, python_client
from tests.integration.signed_subjects import MODEL_TYPE, TYPE, sign_model, statement, write_subjects
from tests.keyless import Bends, World

SIGNER = "signer@example.org"
HOUR = timedelta(hours=1)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return write_subjects(tmp_path)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World.start(tmp_path_factory.mktemp("world")) as world:
        yield world


def sign_keyless(client: Client, world: World, name: str = "keyless.json") -> Path:
    token = client.home / "token"
    token.write_text(world.token(SIGNER))
    services = ["--signing-config", world.signing_config, "--trusted-root", world.trusted_root]
    client.succeed(
        "attest-blob",
        "--yes",
        "--identity-token",
        token,
        "--statement",
        "statement.json",
        "--bundle",
        name,
        *services,
    )
    return client.home / name


def verify_keyless(
    world: World, bundle: str | Path, predicate_type: str = TYPE, signer: str = SIGNER
) -> list[str | Path]:
    pin = ["--certificate-identity", signer, "--certificate-oidc-issuer", world.issuer]
    trust = ["--trusted-root", world.trusted_root, "--use-signed-timestamps"]
    return ["verify-blob-attestation", "--bundle", bundle, "--type", predicate_type, *pin, *trust]


def test_sigstore_verifies_what_cosign_signs_keyless(world: World, home: Path) -> None:
    bundle = Bundle.from_json(sign_keyless(cosign(3, home), world).read_text())
    verifier = Verifier(trusted_root=TrustedRoot.from_file(str(world.trusted_root)))
    kind, content = verifier.verify_dsse(bundle, policy.Identity(identity=SIGNER, issuer=world.issuer))
    assert kind == "application/vnd.in-toto+json"
    assert json.loads(content) == statement(b"bits")


def test_cosign_verifies_what_it_signs_keyless(world: World, home: Path) -> None:
    client = cosign(3, home)
    bundle = sign_keyless(client, world)
    client.succeed(*verify_keyless(world, bundle), "blob")
    client.fail(*verify_keyless(world, bundle, signer="other@example.org"), "blob")
    (home / "blob").write_text("other bits")
    client.fail(*verify_keyless(world, bundle), "blob")


def test_cosign_verifies_what_model_signing_signs_keyless(world: World, home: Path) -> None:
    client = cosign(3, home)
    sign_model(home)
    token = ["--identity_token", world.token(SIGNER), "--trust_config", world.trust_config]
    python_client("model_signing", home).succeed(
        "sign", "sigstore", "model", "--signature", "keyless.sig", *token
    )
    digest = hashlib.sha256((home / "digests").read_bytes()).hexdigest()
    command = [*verify_keyless(world, "keyless.sig", MODEL_TYPE), "--digestAlg", "sha256", "--digest"]
    client.succeed(*command, digest)
    client.fail(*command, "0" * 64)


def test_log_takes_what_is_signed_with_a_key(world: World, home: Path) -> None:
    client = cosign(3, home)
    client.succeed("generate-key-pair")
    services = ["--signing-config", world.signing_config, "--trusted-root", world.trusted_root]
    what = ["--key", "cosign.key", "--statement", "statement.json", "--bundle", "key.json"]
    client.succeed("attest-blob", "--yes", *what, *services)
    verify = ["verify-blob-attestation", "--key", "cosign.pub", "--bundle", "key.json", "--type", TYPE]
    client.succeed(*verify, "--trusted-root", world.trusted_root, "--use-signed-timestamps", "blob")


def test_cosign_leaves_out_that_an_entry_is_the_first(home: Path) -> None:
    with World.start(home / "world", fresh_log=True) as fresh:
        client = cosign(3, home)
        bundle = sign_keyless(client, fresh)
        client.succeed(*verify_keyless(fresh, bundle), "blob")
    (entry,) = json.loads(bundle.read_text())["verificationMaterial"]["tlogEntries"]
    assert "logIndex" not in entry
    assert "hashes" not in entry["inclusionProof"]
    with pytest.raises(InvalidBundle, match="logIndex"):
        Bundle.from_json(bundle.read_text())


@pytest.mark.parametrize(
    ("bends", "reason"),
    [
        (Bends(certificate_shift=-HOUR), "leaf certificate verification failed"),
        (Bends(certificate_shift=HOUR), "leaf certificate verification failed"),
        (Bends(timestamp_shift=-HOUR), "leaf certificate verification failed"),
        (Bends(timestamp_shift=HOUR), "leaf certificate verification failed"),
        (Bends(foreign_authority=True), "leaf certificate verification failed"),
        (Bends(foreign_ct_log=True), "failed to verify signed certificate timestamp"),
        (Bends(no_sct=True), "failed to verify signed certificate timestamp"),
        (Bends(foreign_log=True), "unverified checkpoint signature"),
        (Bends(foreign_clock=True), "unable to verify signed timestamps"),
        (Bends(unstored=True), "verifying inclusion: calculated root"),
        (Bends(other_entry=True), "verifying inclusion: calculated root"),
    ],
)
def test_cosign_refuses_a_bent_world(world: World, home: Path, bends: Bends, reason: str) -> None:
    client = cosign(3, home)
    content = json.dumps(statement(b"bits")).encode()
    (home / "honest.json").write_text(world.signed(content, SIGNER))
    with world.bent(bends):
        (home / "bent.json").write_text(world.signed(content, SIGNER))
    client.succeed(*verify_keyless(world, "honest.json"), "blob")
    assert reason in client.fail(*verify_keyless(world, "bent.json"), "blob")
