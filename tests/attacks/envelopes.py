"""Attacks on the file around a statement that a key has signed: a sigstore bundle with a DSSE envelope."""

import base64
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from tests.attacks.attack import Attack
from tests.attacks.bits import flip, flip_bytes, recode
from tests.attacks.scene import Scene, edited, rewritten
from verifier.signing.keys import fingerprint
from verifier.signing.reasons import Reason
from verifier.signing.sign import KeySigner

ENVELOPE, SIGNATURE = ("dsseEnvelope",), ("dsseEnvelope", "signatures", 0)
PAYLOAD, SIG = (*ENVELOPE, "payload"), (*SIGNATURE, "sig")
HINT = ("verificationMaterial", "publicKey", "hint")
DSSE_OF_OTHER_TYPE = b"DSSEv1 16 application/json %d %s"
ENTRY = {
    "logId": {"keyId": "AAAA"},
    "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
    "inclusionProof": {"rootHash": "AAAA", "treeSize": "1", "checkpoint": {"envelope": "x"}},
    "canonicalizedBody": "AAAA",
}
TIME = {"rfc3161Timestamps": [{"signedTimestamp": "AAAA"}]}


def new_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve or ec.SECP256R1())


def own_key(scene: Scene) -> ec.EllipticCurvePrivateKey:
    assert isinstance(scene.signer, KeySigner)
    return scene.signer._key


def by_another_key(scene: Scene) -> None:
    scene.statement().write_bytes(KeySigner(new_key()).sign(scene.payload()))


def by_another_key_in_our_name(curve: ec.EllipticCurve):
    def spoil(scene: Scene) -> None:
        value = json.loads(KeySigner(new_key(curve)).sign(scene.payload()))
        value["verificationMaterial"]["publicKey"]["hint"] = fingerprint(own_key(scene).public_key())
        scene.statement().write_text(json.dumps(value))

    return spoil


def over_other_bytes(message):
    """Our own key signs something that looks like the statement."""

    def spoil(scene: Scene) -> None:
        signature = own_key(scene).sign(message(scene.payload()), ec.ECDSA(hashes.SHA256()))
        edited(lambda v: v["dsseEnvelope"]["signatures"][0].update(sig=text(signature)))(scene)

    return spoil


def as_two_numbers(signature: bytes) -> bytes:
    return b"".join(number.to_bytes(32, "big") for number in utils.decode_dss_signature(signature))


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def not_quite_base64(encoded: str) -> str:
    """The last digit has bits that no byte takes: it decodes to the same."""
    end = len(encoded.rstrip("="))
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return encoded[: end - 1] + digits[digits.index(encoded[end - 1]) + 1] + encoded[end:]


def url_safe(value: dict) -> None:
    value["dsseEnvelope"]["payload"] = base64.urlsafe_b64encode(b"\xff\xfe{}").decode()


def pad(value: dict) -> None:
    """A payload whose base64 ends in an equals sign; it is white space that is added to it."""
    payload = base64.b64decode(value["dsseEnvelope"]["payload"])
    while len(payload) % 3 != 2:
        payload += b" "
    value["dsseEnvelope"]["payload"] = text(payload)


def padded(change):
    def spoil(scene: Scene) -> None:
        edited(pad)(scene)
        edited(recode(PAYLOAD, change))(scene)

    return spoil


def _material(**members: object):
    return edited(lambda v: v["verificationMaterial"].update(members))


def _top(**members: object):
    return edited(lambda v: v.update(members))


def _in_signature(**members: object):
    return edited(lambda v: v["dsseEnvelope"]["signatures"][0].update(members))


def _duplicate(content: bytes) -> bytes:
    return content.replace(b'"payload"', b'"payload": "e30=", "payload"', 1)


def _nested(content: bytes) -> bytes:
    return b"[" * 5_000 + b"]" * 5_000


FORMAT, BAD, OTHER = Reason.UNKNOWN_FORMAT, Reason.BAD_SIGNATURE, Reason.WRONG_SIGNER
DECLARED = [
    ("payload-bit", "one bit of the payload is flipped", BAD, edited(flip(PAYLOAD, -3))),
    ("signature-bit", "one bit of the signature is flipped", BAD, edited(flip(SIG, 9))),
    (
        "signature-length",
        "one bit of the length in the signature's DER is flipped",
        BAD,
        edited(flip(SIG, 1)),
    ),
    (
        "signature-trailer",
        "a byte stands after the signature",
        BAD,
        edited(flip_bytes(SIG, lambda s: s + b"\0")),
    ),
    (
        "signature-raw",
        "the signature is two bare numbers, not DER",
        BAD,
        edited(flip_bytes(SIG, as_two_numbers)),
    ),
    (
        "signature-zero",
        "the signature is the numbers 0 and 0",
        BAD,
        edited(flip_bytes(SIG, lambda _: utils.encode_dss_signature(0, 0))),
    ),
    ("signature-empty", "the signature is empty", FORMAT, _in_signature(sig="")),
    (
        "signature-not-of-the-envelope",
        "our key signed the bare payload, without DSSE's frame",
        BAD,
        over_other_bytes(lambda p: p),
    ),
    (
        "signature-of-another-type",
        "our key signed the payload as one of another type",
        BAD,
        over_other_bytes(lambda p: DSSE_OF_OTHER_TYPE % (len(p), p)),
    ),
    (
        "hint-bit",
        "the hint names another key",
        OTHER,
        edited(lambda v: v["verificationMaterial"].update(publicKey={"hint": "0" * 64})),
    ),
    ("hint-missing", "no hint says which key it was", OTHER, _material(publicKey={})),
    ("another-key", "another key signed, and says so", OTHER, by_another_key),
    (
        "another-key-in-our-name",
        "another key signed, under the hint of ours",
        BAD,
        by_another_key_in_our_name(ec.SECP256R1()),
    ),
    (
        "another-curve-in-our-name",
        "a key on another curve signed, under the hint of ours",
        BAD,
        by_another_key_in_our_name(ec.SECP384R1()),
    ),
    (
        "media-type",
        "the media type is that of v0.2",
        FORMAT,
        _top(mediaType="application/vnd.dev.sigstore.bundle+json;version=0.2"),
    ),
    (
        "payload-type",
        "the payload type is application/json",
        FORMAT,
        edited(lambda v: v["dsseEnvelope"].update(payloadType="application/json")),
    ),
    ("message-signature", "a bare signature stands beside the envelope", FORMAT, _top(messageSignature={})),
    ("no-envelope", "there is no envelope", FORMAT, edited(lambda v: v.pop("dsseEnvelope"))),
    (
        "unsigned",
        "the list of signatures is empty",
        FORMAT,
        edited(lambda v: v["dsseEnvelope"].update(signatures=[])),
    ),
    (
        "two-signatures",
        "the signature is there twice",
        FORMAT,
        edited(lambda v: v["dsseEnvelope"]["signatures"].append({"sig": "AAAA"})),
    ),
    ("key-id", "the signature has a keyid that nobody verifies", FORMAT, _in_signature(keyid="root")),
    ("unknown-member", "the file has a member that the format has not", FORMAT, _top(comment="trust me")),
    ("unknown-member-of-signature", "the signature has such a member", FORMAT, _in_signature(cert="AAAA")),
    (
        "key-and-certificate",
        "a key's hint and a certificate stand side by side",
        FORMAT,
        _material(certificate={"rawBytes": "AAAA"}),
    ),
    (
        "neither-key-nor-certificate",
        "nothing says who signed",
        FORMAT,
        edited(lambda v: v["verificationMaterial"].pop("publicKey")),
    ),
    ("log-entry-beside-key", "a log entry stands beside a key", FORMAT, _material(tlogEntries=[ENTRY])),
    ("time-beside-key", "a timestamp stands beside a key", FORMAT, _material(timestampVerificationData=TIME)),
    ("truncated", "half of the file is missing", FORMAT, rewritten(lambda c: c[: len(c) // 2])),
    ("emptied", "the file is empty", FORMAT, rewritten(lambda _: b"")),
    ("deep-nesting", "the file is 5,000 lists in each other", FORMAT, rewritten(_nested)),
    (
        "byte-order-mark",
        "the file begins with a byte order mark",
        FORMAT,
        rewritten(lambda c: b"\xef\xbb\xbf" + c),
    ),
    ("utf-16", "the file is UTF-16", FORMAT, rewritten(lambda c: c.decode().encode("utf-16"))),
    (
        "not-utf-8",
        "the file is not UTF-8",
        FORMAT,
        rewritten(lambda c: c.replace(b'"keyid": ""', b'"keyid": "\xff"')),
    ),
    ("duplicate-key", "the payload is given twice", FORMAT, rewritten(_duplicate)),
    ("second-value", "a second JSON value follows", FORMAT, rewritten(lambda c: c + b"{}")),
    ("lone-surrogate", "the hint is half a character", FORMAT, _material(publicKey={"hint": "\ud800"})),
    (
        "not-a-number",
        "the media type is NaN",
        FORMAT,
        rewritten(lambda c: c.replace(b'"mediaType"', b'"x": NaN, "mediaType"')),
    ),
    ("base64-url-safe", "the payload is url-safe base64", FORMAT, edited(url_safe)),
    ("base64-no-padding", "the payload lacks its padding", FORMAT, padded(lambda t: t.rstrip("="))),
    ("base64-white-space", "a line ends inside the payload", FORMAT, padded(lambda t: t[:8] + "\n" + t[8:])),
    ("base64-second-form", "the payload's last digit has bits too many", FORMAT, padded(not_quite_base64)),
]
ATTACKS = [Attack(name=n, what=w, reason=r, spoil=s) for n, w, r, s in DECLARED]
