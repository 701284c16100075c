"""Keys and certificate authorities that live as long as one world; none is ever written to disk."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AGE = timedelta(days=1)
"""How long before its start a world's keys were valid: longer than any test shifts a time."""
LIFETIME = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A certificate authority: the key that signs, its certificate first and the root last in `chain`."""

    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...]


def new_key() -> ec.EllipticCurvePrivateKey:
    """A key on P-256, the curve that every Sigstore client knows."""
    return ec.generate_private_key(ec.SECP256R1())


def public_der(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half as SubjectPublicKeyInfo in DER."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_id(key: ec.EllipticCurvePrivateKey) -> bytes:
    """SHA-256 of the SubjectPublicKeyInfo: a log's ID in RFC 6962 section 3.2, also a C2SP note's for ECDSA."""
    return hashlib.sha256(public_der(key)).digest()


def base64_text(data: bytes) -> str:
    """Base64 as protobuf's JSON writes bytes."""
    return base64.b64encode(data).decode()


def pem(certificate: x509.Certificate) -> str:
    """The certificate as text."""
    return certificate.public_bytes(Encoding.PEM).decode()


def new_signing_authority(name: str) -> Authority:
    """A root and the intermediate that signs certificates, as Fulcio has them."""
    root_key, root = _new_root(name)
    key = new_key()
    usage = [ExtendedKeyUsageOID.CODE_SIGNING]
    certificate = _sign(key, f"{name} intermediate", root_key, root, _ca_extensions(0, usage))
    return Authority(key=key, chain=(certificate, root))


def new_timestamp_authority(name: str) -> Authority:
    """A root and the certificate that signs timestamps: its only and critical use (RFC 3161 section 2.3)."""
    root_key, root = _new_root(name)
    key = new_key()
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    extensions = [(_key_usage(ca=False), True), (usage, True)]
    return Authority(key=key, chain=(_sign(key, f"{name} clock", root_key, root, extensions), root))


def key_identifiers(
    public: ec.EllipticCurvePublicKey, issuer: ec.EllipticCurvePublicKey
) -> list[tuple[x509.ExtensionType, bool]]:
    """The two extensions that tie a certificate to its key and to its issuer's."""
    return [
        (x509.SubjectKeyIdentifier.from_public_key(public), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), False),
    ]


def _new_root(name: str) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = new_key()
    return key, _sign(key, f"{name} root", key, None, _ca_extensions(1, []))


def _ca_extensions(
    path_length: int, usage: Sequence[x509.ObjectIdentifier]
) -> list[tuple[x509.ExtensionType, bool]]:
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (_key_usage(ca=True), True),
    ]
    return extensions + ([(x509.ExtendedKeyUsage(usage), False)] if usage else [])


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _sign(
    key: ec.EllipticCurvePrivateKey,
    name: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    extensions: Sequence[tuple[x509.ExtensionType, bool]],
) -> x509.Certificate:
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "a world for tests"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - AGE)
        .not_valid_after(now + LIFETIME)
    )
    for extension, critical in [*extensions, *key_identifiers(key.public_key(), issuer_key.public_key())]:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())
