"""cosign and model_signing, with keys and in a keyless world: what each writes, and that the others believe it."""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sigstore.models import Bundle, InvalidBundle, TrustedRoot
from sigstore.verify import Verifier, policy

from tests.integration.clients import Client, cosign, python_client
from tests.keyless import Bends, World

SIGNER = "signer@example.org"
TYPE = "https://example.org/seen/v1"
MODEL_TYPE = "https://model_signing/signature/v1.0"
HOUR = timedelta(hours=1)
NO_SERVICES = {"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json"}
NO_ROOT = {"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World.start(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a blob, a predicate, a statement about the blob, and files that name no service at all."""
    (tmp_path / "blob").write_text("bits")
    (tmp_path / "predicate.json").write_text('{"by": "a test"}')
    (tmp_path / "statement.json").write_text(json.dumps(statement(b"bits")))
    (tmp_path / "no-services.json").write_text(json.dumps(NO_SERVICES))
    (tmp_path / "no-root.json").write_text(json.dumps(NO_ROOT))
    return tmp_path


def statement(blob: bytes) -> dict[str, object]:
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "blob", "digest": {"sha256": hashlib.sha256(blob).hexdigest()}}],
        "predicateType": TYPE,
        "predicate": {"by": "a test"},
    }


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
    (home / "other" / "no-root.json").write_text(json.dumps(NO_ROOT))
    assert "signature" in other.fail(*verify_with_key(version, "cosign.pub", bundle, TYPE), home / "blob")


def sign_model(home: Path) -> Path:
    """A model that model_signing signed; `ec.pub` is the public key, `digests` what the subject's digest is of."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (home / "ec.key").write_bytes(key.private_bytes(*private))
    (home / "ec.pub").write_bytes(key.public_key().public_bytes(*public))
    (home / "model").mkdir()
    (home / "model" / "a").write_text("first")
    (home / "model" / "b").write_text("second")
    digests = [hashlib.sha256(text).digest() for text in (b"first", b"second")]
    (home / "digests").write_bytes(b"".join(digests))
    python_client("model_signing", home).succeed(
        "sign", "key", "model", "--private_key", "ec.key", "--signature", "model.sig"
    )
    return home / "model.sig"


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
    "bends",
    [
        Bends(certificate_shift=-HOUR),
        Bends(certificate_shift=HOUR),
        Bends(timestamp_shift=-HOUR),
        Bends(timestamp_shift=HOUR),
        Bends(foreign_authority=True),
        Bends(foreign_ct_log=True),
        Bends(no_sct=True),
        Bends(foreign_log=True),
        Bends(foreign_clock=True),
        Bends(unstored=True),
        Bends(other_entry=True),
    ],
    ids=lambda bends: next(name for name, value in vars(bends).items() if value),
)
def test_cosign_refuses_a_bent_world(world: World, home: Path, bends: Bends) -> None:
    client = cosign(3, home)
    content = json.dumps(statement(b"bits")).encode()
    (home / "honest.json").write_text(world.signed(content, SIGNER))
    with world.bent(bends):
        (home / "bent.json").write_text(world.signed(content, SIGNER))
    client.succeed(*verify_keyless(world, "honest.json"), "blob")
    client.fail(*verify_keyless(world, "bent.json"), "blob")
