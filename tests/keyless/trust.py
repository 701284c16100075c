"""The files by which clients find and trust a world: trusted root, signing configuration, and both in one.

Formats: `sigstore_trustroot.proto` of sigstore/protobuf-specs, in protobuf's JSON.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.keyless.keys import AGE, Authority, base64_text, key_id, public_der

OPERATOR = "a world for tests"


def trusted_root(
    url: str,
    *,
    signing: Authority,
    timestamps: Authority,
    ct_key: ec.EllipticCurvePrivateKey,
    log_key: ec.EllipticCurvePrivateKey,
) -> dict[str, object]:
    """Whose certificates, log and timestamps a verifier believes."""
    return {
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "tlogs": [_log(url, log_key)],
        "certificateAuthorities": [_authority(url, signing)],
        "ctlogs": [_log(f"{url}/ct", ct_key)],
        "timestampAuthorities": [_authority(f"{url}/api/v1/timestamp", timestamps)],
    }


def signing_config(url: str) -> dict[str, object]:
    """Where a signer gets tokens, certificates, log entries and timestamps."""
    return {
        "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        "caUrls": [_service(url, 1)],
        "oidcUrls": [_service(url, 1)],
        "rekorTlogUrls": [_service(url, 2)],
        "rekorTlogConfig": {"selector": "ANY"},
        "tsaUrls": [_service(f"{url}/api/v1/timestamp", 1)],
        "tsaConfig": {"selector": "ANY"},
    }


def client_trust_config(root: Mapping[str, object], config: Mapping[str, object]) -> dict[str, object]:
    """Both in one, as `sigstore --trust-config` and `model_signing --trust_config` take them."""
    return {
        "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
        "trustedRoot": root,
        "signingConfig": config,
    }


def _validity() -> dict[str, str]:
    return {"start": (datetime.now(UTC) - AGE).strftime("%Y-%m-%dT%H:%M:%SZ")}


def _service(url: str, version: int) -> dict[str, object]:
    return {"url": url, "majorApiVersion": version, "validFor": _validity(), "operator": OPERATOR}


def _log(url: str, key: ec.EllipticCurvePrivateKey) -> dict[str, object]:
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": base64_text(public_der(key)),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": _validity(),
        },
        "logId": {"keyId": base64_text(key_id(key))},
    }


def _authority(url: str, authority: Authority) -> dict[str, object]:
    name = authority.chain[-1].subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    certificates = [{"rawBytes": base64_text(each.public_bytes(Encoding.DER))} for each in authority.chain]
    return {
        "subject": {"organization": OPERATOR, "commonName": name},
        "uri": url,
        "certChain": {"certificates": certificates},
        "validFor": _validity(),
    }
