"""Who may sign: exact pins, each a public key, or a signer with the issuer who vouches for them.

An empty list of pins accepts nobody. Patterns are not offered: `*@example.com` is a door that nobody watches.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from verifier.signing.envelope import Signed
from verifier.signing.keys import fingerprint, hints, signature_holds
from verifier.signing.reasons import Reason, Refused

# Fulcio's extensions that name the issuer: an older one, raw bytes, and one in DER (fulcio/docs/oid-info.md).
ISSUER, ISSUER_DER = (x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{n}") for n in (1, 8))
# What reading a certificate raises; not all of it is a ValueError.
UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
HINT_DIGITS = 12


class Pin(Protocol):
    """Somebody who may sign."""

    @property
    def label(self) -> str:
        """Who it is, for people."""

    @property
    def identifier(self) -> str:
        """Who it is, in a form that is one signer's alone."""

    def refuse(self, signed: Signed) -> Refused | None:
        """Returns why a statement is not signed by them, or nothing if it is."""


@dataclass(frozen=True, kw_only=True)
class KeyPin:
    """The holder of a key."""

    key: ec.EllipticCurvePublicKey

    @property
    def label(self) -> str:
        """The key by the beginning of its fingerprint."""
        return f"key {self.identifier[:HINT_DIGITS]}"

    @property
    def identifier(self) -> str:
        """The sha256 of the key's PEM."""
        return fingerprint(self.key)

    def refuse(self, signed: Signed) -> Refused | None:
        """Returns why a statement is not signed with the key, or nothing if it is."""
        if signed.hint is None:
            return Refused(Reason.WRONG_SIGNER, "it is signed with a certificate, not with a key")
        if signed.hint not in hints(self.key):
            return Refused(Reason.WRONG_SIGNER, f"it names another key than {self.identifier[:12]}")
        if not signature_holds(self.key, signed.signature, signed.message):
            return Refused(Reason.BAD_SIGNATURE, f"the signature does not hold for {self.label}")
        return _refuse_beside_key(signed)


def _refuse_beside_key(signed: Signed) -> Refused | None:
    """Refuses what nobody verifies: nothing in a statement may lie there unproven."""
    material = signed.document["verificationMaterial"]
    assert isinstance(material, dict)
    if material["tlogEntries"] or material.get("timestampVerificationData"):
        return Refused(
            Reason.UNKNOWN_FORMAT, "a log's entry or a time stands beside a key, where neither is verified"
        )
    return None


class CertificateVerifier(Protocol):
    """What proves a certificate, the log's entry and the time: see keyless.py."""

    def __call__(self, signed: Signed, signer: str, issuer: str) -> Refused | None:
        """Returns why the statement is not accepted, or nothing if it is."""


@dataclass(frozen=True, kw_only=True)
class CertificatePin:
    """Somebody whom an issuer vouches for: an e-mail address, or the URI of a workflow."""

    signer: str
    issuer: str
    verify: CertificateVerifier

    @property
    def label(self) -> str:
        """The signer and the issuer."""
        return f"{self.signer} by {self.issuer}"

    @property
    def identifier(self) -> str:
        """The signer and the issuer, which together are one signer."""
        return f"{self.signer} {self.issuer}"

    def refuse(self, signed: Signed) -> Refused | None:
        """Returns why a statement is not signed by them, or nothing if it is."""
        if signed.certificate is None:
            return Refused(Reason.WRONG_SIGNER, "it is signed with a key, not with a certificate")
        try:
            with warnings.catch_warnings(action="ignore"):  # of what RFC 5280 forbids; the chain decides
                certificate = x509.load_der_x509_certificate(signed.certificate)
                names, issuers = _names(certificate), _issuers(certificate)
        except UNREADABLE as error:
            return Refused(Reason.UNTRUSTED_CERTIFICATE, f"its certificate cannot be read: {error}")
        if names != [self.signer]:  # with several names, others could take it for somebody else's
            return Refused(Reason.WRONG_SIGNER, f"it is signed by {', '.join(sorted(names)) or 'nobody'}")
        if issuers != {self.issuer}:
            said = ", ".join(map(ascii, sorted(issuers))) or "nobody"  # letters that look like others
            return Refused(Reason.WRONG_ISSUER, f"the signer is vouched for by {said}")
        return self.verify(signed, self.signer, self.issuer)


def _names(certificate: x509.Certificate) -> list[str]:
    """Returns all names of the one who was certified; what is no address and no URI by its kind."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    known = (x509.RFC822Name, x509.UniformResourceIdentifier)
    return [name.value if isinstance(name, known) else f"({type(name).__name__})" for name in names]


def _issuers(certificate: x509.Certificate) -> set[str]:
    """Returns what both extensions say; where they differ nobody is believed."""
    found = set()
    for extension in certificate.extensions:
        value = extension.value
        if isinstance(value, x509.UnrecognizedExtension) and extension.oid in (ISSUER, ISSUER_DER):
            # The DER is a UTF8String, shorter than 65,536 bytes: tag, length, text.
            text = value.value if extension.oid == ISSUER else _utf8_string(value.value)
            found.add(text.decode("utf-8"))
    return found


def _utf8_string(der: bytes) -> bytes:
    if der[:1] != b"\x0c" or len(der) < 2:
        raise ValueError("the issuer is no UTF8String")
    if der[1] < 0x80:
        length, start = der[1], 2
    else:
        start = 2 + (der[1] & 0x7F)
        length = int.from_bytes(der[2:start], "big")
    if len(der) != start + length:
        raise ValueError("the issuer has another length than it says")
    return der[start:]


def claimed_signer(signed: Signed) -> str:
    """Returns who a statement says signed it: a key by the beginning of its hint, or names; nothing is proved."""
    if signed.certificate is None:
        return f"key {(signed.hint or '')[:HINT_DIGITS]}"
    try:
        with warnings.catch_warnings(action="ignore"):
            certificate = x509.load_der_x509_certificate(signed.certificate)
            names, issuers = _names(certificate), _issuers(certificate)
    except UNREADABLE:
        return "a certificate that cannot be read"
    return f"{', '.join(names) or 'nobody'} by {', '.join(sorted(issuers)) or 'nobody'}"


def signer_of(signed: Signed, pins: Sequence[Pin]) -> Pin:
    """Returns the one of `pins` who signed.

    Raises:
        Refused: none of them did; the reason is that of the pin that comes nearest.
    """
    refusals = []
    for pin in pins:
        refusal = pin.refuse(signed)
        if refusal is None:
            return pin
        refusals.append(refusal)
    nearer = [r for r in refusals if r.reason is not Reason.WRONG_SIGNER]
    issuer = [r for r in nearer if r.reason is not Reason.WRONG_ISSUER]
    raise next(iter([*issuer, *nearer, *refusals]), Refused(Reason.WRONG_SIGNER, "nobody may sign it"))
