"""The certificate authority: a key and a token go in, a certificate of ten minutes comes out.

Extensions as in Fulcio's `docs/oid-info.md` and `docs/certificate-specification.md`; the promise of publication in
a certificate log (SCT) as in RFC 6962 section 3.
"""

import base64
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from tests.keyless.bends import Bends
from tests.keyless.issuer import Subject
from tests.keyless.keys import Authority, key_id, key_identifiers, new_key, new_signing_authority, pem

ISSUER_V1 = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
ISSUER_V2 = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Fulcio:
    """Certifies keys, publishing each certificate in a log that only its signature shows."""

    authority: Authority = field(default_factory=lambda: new_signing_authority("certificates"))
    foreign: Authority = field(default_factory=lambda: new_signing_authority("certificates"))
    ct_key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)
    foreign_ct_key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)

    def chain(self, key: ec.EllipticCurvePublicKey, subject: Subject, bends: Bends) -> list[str]:
        """The certificate of `subject` for `key` and its authority's, in PEM, root last."""
        authority = self.foreign if bends.foreign_authority else self.authority
        builder = _builder(key, subject, authority, bends)
        certificate = builder.sign(authority.key, hashes.SHA256())
        if not bends.no_sct:
            log = self.foreign_ct_key if bends.foreign_ct_log else self.ct_key
            promise = _sct(certificate.tbs_certificate_bytes, key_id(authority.key), log)
            extension = x509.UnrecognizedExtension(
                ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS, _octets(promise)
            )
            certificate = builder.add_extension(extension, critical=False).sign(
                authority.key, hashes.SHA256()
            )
        return [pem(each) for each in (certificate, *authority.chain)]


def requested_key(request: Mapping[str, object], subject: Subject) -> ec.EllipticCurvePublicKey:
    """The key that a request's sender has shown to hold, by a signed CSR or by signing the subject's name."""
    match request:
        case {"certificateSigningRequest": str(csr)}:
            parsed = x509.load_pem_x509_csr(base64.b64decode(csr))
            if not parsed.is_signature_valid:
                raise ValueError("the request for a certificate is not signed by its key")
            return _elliptic(parsed.public_key())
        case {"publicKeyRequest": {"publicKey": {"content": str(content)}, "proofOfPossession": str(proof)}}:
            key = _elliptic(load_pem_public_key(content.encode()))
            _check_possession(key, base64.b64decode(proof), subject)
            return key
        case _:
            raise ValueError("neither a certificateSigningRequest nor a publicKeyRequest")


def _elliptic(key: object) -> ec.EllipticCurvePublicKey:
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("only keys on elliptic curves are certified")
    return key


def _check_possession(key: ec.EllipticCurvePublicKey, proof: bytes, subject: Subject) -> None:
    try:
        key.verify(proof, subject.name.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise ValueError("the proof of possession is not the key's signature of the subject") from error


def _builder(
    key: ec.EllipticCurvePublicKey, subject: Subject, authority: Authority, bends: Bends
) -> x509.CertificateBuilder:
    """The certificate without its SCT. It has no subject: the alternative name, which is critical, says who."""
    name = x509.RFC822Name if subject.is_email else x509.UniformResourceIdentifier
    start = datetime.now(UTC) + bends.certificate_shift
    agrees = bends.for_encryption
    usage = x509.KeyUsage(not agrees, False, False, False, agrees, bends.certifies, False, False, False)
    use = ExtendedKeyUsageOID.SERVER_AUTH if bends.for_servers else ExtendedKeyUsageOID.CODE_SIGNING
    issuer = subject.issuer.encode()
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(authority.chain[0].subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + LIFETIME)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .add_extension(x509.SubjectAlternativeName([name(subject.name)]), critical=True)
        .add_extension(x509.UnrecognizedExtension(ISSUER_V2, _der(0x0C, issuer)), critical=False)
    )
    if not bends.one_issuer:
        builder = builder.add_extension(x509.UnrecognizedExtension(ISSUER_V1, issuer), critical=False)
    if bends.certifies:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    for extension, critical in key_identifiers(key, authority.key.public_key()):
        builder = builder.add_extension(extension, critical)
    return builder


def _sct(precertificate: bytes, issuer_key_id: bytes, log: ec.EllipticCurvePrivateKey) -> bytes:
    """A SignedCertificateTimestampList with one promise for a precertificate (RFC 6962 sections 3.2 and 3.3)."""
    milliseconds = int(datetime.now(UTC).timestamp() * 1000)
    length = len(precertificate).to_bytes(3, "big")
    signed = struct.pack("!BBQH", 0, 0, milliseconds, 1) + issuer_key_id + length + precertificate + bytes(2)
    signature = log.sign(signed, ec.ECDSA(hashes.SHA256()))
    head = struct.pack("!B32sQHBBH", 0, key_id(log), milliseconds, 0, 4, 3, len(signature))
    promise = _counted(head + signature)
    return _counted(promise)


def _counted(data: bytes) -> bytes:
    return struct.pack("!H", len(data)) + data


def _octets(data: bytes) -> bytes:
    return _der(0x04, data)


def _der(tag: int, data: bytes) -> bytes:
    """One DER value of at most 255 bytes, which an issuer's URL and one SCT are."""
    if len(data) > 255:
        raise ValueError(f"{len(data)} bytes are too many here, at most 255")
    length = bytes([len(data)]) if len(data) < 128 else bytes([0x81, len(data)])
    return bytes([tag]) + length + data
