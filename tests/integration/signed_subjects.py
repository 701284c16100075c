"""What other people's clients sign and verify: a blob and statements about it, and a model."""

import hashlib
import json
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.clients import python_client

TYPE = "https://example.org/seen/v1"
MODEL_TYPE = "https://model_signing/signature/v1.0"
NO_SERVICES = {"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json"}
NO_ROOT = {"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}


def write_subjects(folder: Path) -> Path:
    """A blob, a predicate, a statement about the blob, files that name no service; returns the folder."""
    folder.mkdir(exist_ok=True)
    (folder / "blob").write_text("bits")
    (folder / "predicate.json").write_text('{"by": "a test"}')
    (folder / "statement.json").write_text(json.dumps(statement(b"bits")))
    (folder / "no-services.json").write_text(json.dumps(NO_SERVICES))
    (folder / "no-root.json").write_text(json.dumps(NO_ROOT))
    return folder


def statement(blob: bytes) -> dict[str, object]:
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "blob", "digest": {"sha256": hashlib.sha256(blob).hexdigest()}}],
        "predicateType": TYPE,
        "predicate": {"by": "a test"},
    }


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
