"""Who may sign: keys, and the names in certificates; the attacks on them are in tests/attacks."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from verifier.errors import BadInput
from verifier.signing.envelope import Signed, key_signed_document, parse_signed
from verifier.signing.keys import (
    fingerprint,
    hints,
    load_private_key,
    load_public_key,
    sign_bytes,
    signature_holds,
)
from verifier.signing.reasons import Reason, Refused
from verifier.signing.signers import ISSUER, ISSUER_DER, CertificatePin, KeyPin, signer_of

CURVES = [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()]
NAME, URL = "a@example.org", "https://issuer.example.org"


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_key_signs_and_is_read_again(curve: ec.EllipticCurve, tmp_path: Path) -> None:
    key = ec.generate_private_key(curve)
    (tmp_path / "key").write_bytes(private_pem(key))
    (tmp_path / "pub").write_bytes(public_pem(key))
    public = load_public_key(tmp_path / "pub")
    signature = sign_bytes(load_private_key(tmp_path / "key", None), b"message")
    assert signature_holds(public, signature, b"message")
    assert not signature_holds(public, signature, b"another")
    assert not signature_holds(ec.generate_private_key(curve).public_key(), signature, b"message")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no public key"),
        (b"x" * 70_000, "too large"),
        (private_pem(ec.generate_private_key(CURVES[0])), "private key"),
    ],
)
def test_what_is_no_public_key_is_bad_input(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "pub").write_bytes(content)
    with pytest.raises(BadInput, match=said):
        load_public_key(tmp_path / "pub")


def test_hint_is_that_of_two_clients() -> None:
    key = ec.generate_private_key(CURVES[0]).public_key()
    assert fingerprint(key) in hints(key)
    assert {len(hint) for hint in hints(key)} == {64, 44}


def certified(*names: x509.GeneralName, issuers: dict[x509.ObjectIdentifier, bytes] | None = None) -> Signed:
    """A statement with a certificate of our own making, which nobody but the pin looks at."""
    key = ec.generate_private_key(CURVES[0])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(x509.Name([]))
    builder = builder.public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(minutes=1))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
    for oid, value in (issuers if issuers is not None else {ISSUER: URL.encode()}).items():
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical=False)
    der = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    return Signed(payload=b"", signature=b"", hint=None, certificate=der, document={})


def proven(signed: Signed, signer: str, issuer: str) -> None:
    """Finds nothing wrong: what it proves is proven elsewhere."""


def pin() -> CertificatePin:
    return CertificatePin(signer=NAME, issuer=URL, verify=proven)


def reason(signed: Signed) -> Reason | None:
    refusal = pin().refuse(signed)
    return refusal.reason if refusal else None


def utf8(text: str, tag: int = 0x0C) -> bytes:
    return bytes([tag, len(text)]) + text.encode()


NAMES = x509.SubjectAlternativeName.oid
ADDRESS, OTHER = x509.RFC822Name(NAME), x509.RFC822Name("b@example.org")


def test_certificate_of_the_signer_is_handed_on_to_be_proven() -> None:
    assert reason(certified(ADDRESS)) is None
    assert reason(certified(ADDRESS, issuers={ISSUER: URL.encode(), ISSUER_DER: utf8(URL)})) is None


@pytest.mark.parametrize(
    "names",
    [
        *(
            [OTHER],
            [ADDRESS, OTHER],
            [OTHER, ADDRESS],
            [ADDRESS, ADDRESS],
            [ADDRESS, x509.DNSName("example.org")],
        ),
        *([x509.DNSName(NAME)], [x509.UniformResourceIdentifier(f"mailto:{NAME}")]),
    ],
)
def test_other_names_are_another_signer(names: list[x509.GeneralName]) -> None:
    assert reason(certified(*names)) is Reason.WRONG_SIGNER


@pytest.mark.parametrize(
    ("issuers", "expected"),
    [
        ({}, Reason.WRONG_ISSUER),
        ({ISSUER: b"https://other.example.org"}, Reason.WRONG_ISSUER),
        ({ISSUER: URL.encode(), ISSUER_DER: utf8("https://other.example.org")}, Reason.WRONG_ISSUER),
        ({ISSUER: f"{URL}/".encode()}, Reason.WRONG_ISSUER),
        ({ISSUER: b"\xff"}, Reason.UNTRUSTED_CERTIFICATE),
        ({ISSUER_DER: utf8(URL, tag=0x13)}, Reason.UNTRUSTED_CERTIFICATE),
        ({ISSUER_DER: utf8(URL) + b"x"}, Reason.UNTRUSTED_CERTIFICATE),
        ({ISSUER_DER: utf8(URL)[:-1]}, Reason.UNTRUSTED_CERTIFICATE),
        ({ISSUER_DER: b"\x0c"}, Reason.UNTRUSTED_CERTIFICATE),
    ],
)
def test_other_issuer_is_refused(issuers: dict[x509.ObjectIdentifier, bytes], expected: Reason) -> None:
    assert reason(certified(ADDRESS, issuers=issuers)) is expected


def test_certificate_without_a_name_is_refused() -> None:
    assert reason(certified()) is Reason.UNTRUSTED_CERTIFICATE


@pytest.mark.parametrize("names", [b"\x30\x02\xa3\x00", b"\x30\x02\x81\x01", b"\x30\x03\x81\x01\xff", b""])
def test_names_that_cannot_be_read_are_refused(names: bytes) -> None:
    """Of a kind that nobody reads, cut off, no text, nothing."""
    assert reason(certified(issuers={ISSUER: URL.encode(), NAMES: names})) is Reason.UNTRUSTED_CERTIFICATE


def key_signed(key: ec.EllipticCurvePrivateKey, named: ec.EllipticCurvePrivateKey | None = None) -> Signed:
    unsigned = parse_signed(key_signed_document(b"{}", b"x", ""), "x")
    signature = sign_bytes(key, unsigned.message)
    return parse_signed(key_signed_document(b"{}", signature, fingerprint((named or key).public_key())), "x")


def test_nobody_may_sign_without_a_pin() -> None:
    with pytest.raises(Refused) as refused:
        signer_of(key_signed(ec.generate_private_key(CURVES[0])), [])
    assert refused.value.reason is Reason.WRONG_SIGNER


def test_reason_is_that_of_the_pin_that_comes_nearest() -> None:
    keys = [ec.generate_private_key(CURVES[0]) for _ in range(3)]
    pins = [pin(), *(KeyPin(key=key.public_key()) for key in keys)]
    assert signer_of(key_signed(keys[1]), pins) is pins[2]
    with pytest.raises(Refused) as refused:
        signer_of(key_signed(keys[0], named=keys[2]), pins)
    assert refused.value.reason is Reason.BAD_SIGNATURE
    other = CertificatePin(signer="b@example.org", issuer=URL, verify=proven)
    with pytest.raises(Refused) as refused:
        signer_of(certified(ADDRESS, issuers={}), [other, *pins])
    assert refused.value.reason is Reason.WRONG_ISSUER


def test_cosigns_hint_is_known_too() -> None:
    key = ec.generate_private_key(CURVES[0])
    value = json.loads(key_signed_document(b"{}", sign_bytes(key, key_signed(key).message), ""))
    for hint in hints(key.public_key()):
        value["verificationMaterial"]["publicKey"]["hint"] = hint
        assert KeyPin(key=key.public_key()).refuse(parse_signed(json.dumps(value).encode(), "x")) is None
