"""The keyless world stands up to real clients, and each way to bend it makes sigstore-python refuse."""

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sigstore import dsse
from sigstore.errors import Error
from sigstore.models import Bundle, ClientTrustConfig, TrustedRoot
from sigstore.oidc import IdentityToken
from sigstore.sign import SigningContext
from sigstore.verify import Verifier, policy

from tests.conftest import REPOSITORY
from tests.integration.clients import python_client
from tests.keyless import Bends, World, attacks

SIGNER = "signer@example.org"
PIPELINE = "https://example.org/models/.build/train.yml@refs/heads/main"
HOUR = timedelta(hours=1)
STATEMENT = json.dumps(
    {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "model", "digest": {"sha256": "0" * 64}}],
        "predicateType": "https://example.org/seen/v1",
        "predicate": {"by": "a test"},
    }
).encode()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World.start(tmp_path_factory.mktemp("world")) as world:
        yield world


def verify(world: World, bundle: str, signer: str = SIGNER) -> bytes:
    """The payload, if sigstore-python believes it with nothing but the world's trusted root."""
    verifier = Verifier(trusted_root=TrustedRoot.from_file(str(world.trusted_root)))
    pin = policy.Identity(identity=signer, issuer=world.issuer)
    return verifier.verify_dsse(Bundle.from_json(bundle), pin)[1]


def sign(world: World, signer: str) -> str:
    """What sigstore-python makes of the statement."""
    config = ClientTrustConfig.from_json(world.trust_config.read_text())
    with SigningContext.from_trust_config(config).signer(IdentityToken(world.token(signer))) as session:
        return session.sign_dsse(dsse.Statement(STATEMENT)).to_json()


@pytest.mark.parametrize("signer", [SIGNER, PIPELINE])
def test_what_sigstore_signs_it_verifies(world: World, signer: str) -> None:
    assert verify(world, sign(world, signer), signer) == STATEMENT


def test_many_entries_have_proofs(world: World) -> None:
    for _ in range(9):
        assert verify(world, world.signed(STATEMENT, SIGNER)) == STATEMENT


def test_first_entry_of_a_fresh_log_verifies(tmp_path: Path) -> None:
    with World.start(tmp_path, fresh_log=True) as world:
        bundle = world.signed(STATEMENT, SIGNER)
        assert json.loads(bundle)["verificationMaterial"]["tlogEntries"][0]["logIndex"] == "0"
        assert verify(world, bundle) == STATEMENT


def test_sigstores_own_command_verifies_what_it_signs(world: World, tmp_path: Path) -> None:
    (tmp_path / "artefact").write_text("bits")
    client = python_client("sigstore", tmp_path)
    trust = ["--trust-config", world.trust_config]
    bundle = ["--bundle", "bundle.json", "artefact"]
    pin = ["--cert-identity", SIGNER, "--cert-oidc-issuer", world.issuer]
    client.succeed(*trust, "sign", "--identity-token", world.token(SIGNER), *bundle)
    client.succeed(*trust, "verify", "identity", *pin, *bundle)
    (tmp_path / "artefact").write_text("other bits")
    client.fail(*trust, "verify", "identity", *pin, *bundle)


def test_model_signing_verifies_what_it_signs(world: World, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").write_text("bits")
    client = python_client("model_signing", tmp_path)
    common = ["model", "--signature", "model.sig", "--trust_config", world.trust_config]
    pin = ["--identity", SIGNER, "--identity_provider", world.issuer]
    client.succeed("sign", "sigstore", *common, "--identity_token", world.token(SIGNER))
    client.succeed("verify", "sigstore", *common, *pin)
    (tmp_path / "model" / "weights").write_text("other bits")
    client.fail("verify", "sigstore", *common, *pin)


@pytest.mark.parametrize(
    ("bends", "reason"),
    [
        (Bends(certificate_shift=-HOUR), "failed to build timestamp certificate chain"),
        (Bends(certificate_shift=HOUR), "failed to build timestamp certificate chain"),
        (Bends(timestamp_shift=-HOUR), "failed to build timestamp certificate chain"),
        (Bends(timestamp_shift=HOUR), "failed to build timestamp certificate chain"),
        (Bends(foreign_authority=True), "failed to build timestamp certificate chain"),
        (Bends(foreign_ct_log=True), "SCT verify failed"),
        (Bends(no_sct=True), "does not contain a signed certificate timestamp"),
        (Bends(foreign_log=True), "checkpoint: invalid signature"),
        (Bends(foreign_clock=True), "not enough sources of verified time"),
        (Bends(unstored=True), "inclusion proof contains invalid root hash"),
        (Bends(other_entry=True), "transparency log entry is inconsistent"),
    ],
)
def test_bent_world_is_refused(world: World, bends: Bends, reason: str) -> None:
    world.signed(STATEMENT, "other@example.org")
    with world.bent(bends):
        bundle = world.signed(STATEMENT, SIGNER)
    with pytest.raises(Error, match=reason):
        verify(world, bundle)
    assert verify(world, world.signed(STATEMENT, SIGNER)) == STATEMENT


@pytest.mark.parametrize(
    ("attack", "reason"),
    [
        (attacks.without_log_entry, "expected exactly one log entry"),
        (attacks.without_timestamp, "must contain an inclusion promise or signed timestamp"),
        (lambda bundle: attacks.with_statement(b"{}", bundle), "DSSE: invalid signature"),
    ],
    ids=["without_log_entry", "without_timestamp", "with_statement"],
)
def test_tampered_bundle_is_refused(world: World, attack: Callable[[str], str], reason: str) -> None:
    with pytest.raises(Error, match=reason):
        verify(world, attack(world.signed(STATEMENT, SIGNER)))


@pytest.mark.parametrize(
    ("attack", "reason"),
    [
        (attacks.with_log_entry_of, "transparency log entry is inconsistent"),
        (attacks.with_timestamp_of, "not enough sources of verified time"),
        (attacks.with_certificate_of, "DSSE: invalid signature"),
    ],
)
def test_borrowed_proof_is_refused(world: World, attack: Callable[[str, str], str], reason: str) -> None:
    other = world.signed(STATEMENT, SIGNER)
    with pytest.raises(Error, match=reason):
        verify(world, attack(other, world.signed(STATEMENT, SIGNER)))


def test_other_signer_and_other_issuer_are_refused(world: World) -> None:
    with pytest.raises(Error, match="SANs do not match"):
        verify(world, world.signed(STATEMENT, "other@example.org"))
    with pytest.raises(Error, match="OIDCIssuer"):
        verify(world, world.signed(STATEMENT, SIGNER, issuer="https://issuer.example.org"))


def test_other_world_is_refused(world: World, tmp_path: Path) -> None:
    with World.start(tmp_path) as other:
        bundle = other.signed(STATEMENT, SIGNER)
    with pytest.raises(Error, match="not enough sources of verified time"):
        verify(world, bundle)


def test_expired_certificate_is_not_even_used(world: World) -> None:
    with world.bent(Bends(certificate_shift=-HOUR)), pytest.raises(Exception) as raised:
        sign(world, SIGNER)
    assert type(raised.value).__name__ == "ExpiredCertificate"


def test_token_that_the_issuer_did_not_sign_gets_no_certificate(world: World, tmp_path: Path) -> None:
    with World.start(tmp_path) as other:
        token = other.token(SIGNER, issuer=world.issuer)
    config = ClientTrustConfig.from_json(world.trust_config.read_text())
    with (
        pytest.raises(Exception) as raised,
        SigningContext.from_trust_config(config).signer(IdentityToken(token)),
    ):
        pass
    assert type(raised.value).__name__ == "FulcioClientError"


def test_no_private_key_is_written(world: World) -> None:
    files = [path for path in world.folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"trusted_root.json", "signing_config.json", "trust_config.json"}
    assert not any("PRIVATE" in path.read_text() for path in files)


def test_command_serves_until_interrupted(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.keyless", str(tmp_path), "--signer", SIGNER]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[5]
        with urllib.request.urlopen(f"{url}/token?signer={PIPELINE}") as answer:
            assert IdentityToken(answer.read().decode()).identity == PIPELINE
        assert IdentityToken((tmp_path / "token").read_text()).identity == SIGNER
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert process.returncode == 0
    assert f"--issuer {url}" in rest
