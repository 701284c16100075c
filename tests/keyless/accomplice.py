"""Signs as a client that checks nothing: careful ones put nothing into a bundle that a bent world made.

The bundle is `sigstore_bundle.proto`'s version 0.3, in protobuf's JSON; the envelope is DSSE 1.0.
"""

import base64
import hashlib
import json
from collections.abc import Callable

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tests.keyless.keys import base64_text, new_key

PAYLOAD_TYPE = "application/vnd.in-toto+json"


def sign(
    statement: bytes,
    certify: Callable[[ec.EllipticCurvePublicKey], list[str]],
    log: Callable[[dict[str, object]], dict[str, object]],
    stamp: Callable[[bytes], bytes],
) -> str:
    """The bundle, in JSON, of an in-toto statement signed by a new key with what the three services answer."""
    key = new_key()
    certificate = x509.load_pem_x509_certificate(certify(key.public_key())[0].encode())
    raw = {"rawBytes": base64_text(certificate.public_bytes(Encoding.DER))}
    message = f"DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} {len(statement)} ".encode() + statement
    signature = key.sign(message, ec.ECDSA(hashes.SHA256()))
    verifier = {"x509Certificate": raw, "keyDetails": "PKIX_ECDSA_P256_SHA_256"}
    entry = log(
        {
            "hashedRekordRequestV002": {
                "digest": base64_text(hashlib.sha256(message).digest()),
                "signature": {"content": base64_text(signature), "verifier": verifier},
            }
        }
    )
    timestamp = {"signedTimestamp": base64_text(stamp(_timestamp_request(signature)))}
    material = {
        "certificate": raw,
        "tlogEntries": [entry],
        "timestampVerificationData": {"rfc3161Timestamps": [timestamp]},
    }
    envelope = {
        "payload": base64_text(statement),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"sig": base64_text(signature)}],
    }
    return json.dumps(
        {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": material,
            "dsseEnvelope": envelope,
        }
    )


def promised(bundle: str, log: Callable[[bytes], dict[str, object]]) -> str:
    """The bundle with what `log` answers to an entry of the kind `dsse`, version 0.0.1 (rekor/pkg/types/dsse)."""
    value = json.loads(bundle)
    material, envelope = value["verificationMaterial"], value["dsseEnvelope"]
    (signature,) = envelope["signatures"]
    certificate = x509.load_der_x509_certificate(base64.b64decode(material["certificate"]["rawBytes"]))
    verifier = base64_text(certificate.public_bytes(Encoding.PEM))
    spec = {
        "envelopeHash": _hash(json.dumps(envelope).encode()),
        "payloadHash": _hash(base64.b64decode(envelope["payload"])),
        "signatures": [{"signature": signature["sig"], "verifier": verifier}],
    }
    entry = {"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}
    material["tlogEntries"] = [log(json.dumps(entry, sort_keys=True, separators=(",", ":")).encode())]
    return json.dumps(value)


def _hash(content: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest()}


def _timestamp_request(message: bytes) -> bytes:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": hashlib.sha256(message).digest()}
    return bytes(tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "cert_req": True}).dump())
