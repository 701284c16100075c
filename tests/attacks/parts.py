"""Attacks on a statement that is signed with a certificate: one place in it is changed, all else is genuine."""

from tests.attacks.attack import Attack
from tests.attacks.bits import Place, flip, flip_bytes, flipped, recode
from tests.attacks.scene import Spoil, edited
from verifier.signing.reasons import Reason

MATERIAL = ("verificationMaterial",)
ENTRY = (*MATERIAL, "tlogEntries", 0)
PROOF = (*ENTRY, "inclusionProof")
CERTIFICATE = (*MATERIAL, "certificate", "rawBytes")
TIME = (*MATERIAL, "timestampVerificationData", "rfc3161Timestamps", 0, "signedTimestamp")
# The extension of a certificate that holds the promises of certificate logs (RFC 6962 section 3.3).
SCT = bytes.fromhex("060a2b06010401d679020402")
TOKEN = bytes.fromhex("060b2a864886f70d0109100104")
FORMAT, BAD, PROOF_BAD = Reason.UNKNOWN_FORMAT, Reason.BAD_SIGNATURE, Reason.BAD_LOG_PROOF
UNTRUSTED, NO_TIME = Reason.UNTRUSTED_CERTIFICATE, Reason.NO_TIMESTAMP


def bit(place: Place, index: int) -> Spoil:
    return edited(flip(place, index))


def plus_one(place: Place) -> Spoil:
    return edited(recode(place, lambda number: str(int(number) + 1)))


def sct_bit(content: bytes) -> bytes:
    """In the signature of the promise that the certificate is published."""
    return flipped(content, content.index(SCT) + len(SCT) + 60)


def version(content: bytes) -> bytes:
    """Version 35 in place of 3 of the first certificate there."""
    return content.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x22", 1)


def kind_of_token(content: bytes) -> bytes:
    """The last number of what a timestamp's content is called (RFC 3161 section 2.4.2)."""
    return flipped(content, content.index(TOKEN) + len(TOKEN) - 1)


def serial(content: bytes) -> bytes:
    """The number follows the version, and is a number below zero if it begins with a one."""
    start = content.index(b"\xa0\x03\x02\x01\x02") + 7
    return content[:start] + bytes([content[start] | 0x80]) + content[start + 1 :]


def doubled(value: dict) -> None:
    """The last of n + 1 entries has its proof from the hashes on its left, which place 2 n would have too."""
    index = int(value["verificationMaterial"]["tlogEntries"][0]["logIndex"])
    for place, number in (
        ((*ENTRY, "logIndex"), 2 * index),
        ((*PROOF, "logIndex"), 2 * index),
        ((*PROOF, "treeSize"), 2 * index + 1),
    ):
        recode(place, lambda _, number=number: str(number))(value)


def huge(value: dict) -> None:
    for place in ((*ENTRY, "logIndex"), (*PROOF, "logIndex")):
        recode(place, lambda _: 10**1000)(value)


def spaced(text: str) -> str:
    return text[:8] + " " + text[8:]


def colon(text: str) -> str:
    return text[:8] + ":" + text[8:]


def both_places(value: dict) -> None:
    for place in ((*ENTRY, "logIndex"), (*PROOF, "logIndex")):
        recode(place, lambda number: str(int(number) - 1))(value)


def _entry(**members: object) -> Spoil:
    return edited(lambda v: v["verificationMaterial"]["tlogEntries"][0].update(members))


DECLARED = [
    ("keyless-payload-bit", "one bit of the payload is flipped", BAD, bit(("dsseEnvelope", "payload"), -3)),
    (
        "keyless-signature-bit",
        "one bit of the signature is flipped",
        NO_TIME,
        bit(("dsseEnvelope", "signatures", 0, "sig"), 9),
    ),
    ("certificate-bit", "one bit of the certificate's signature is flipped", UNTRUSTED, bit(CERTIFICATE, -1)),
    (
        "certificate-head-bit",
        "one bit of the certificate's first byte is flipped",
        UNTRUSTED,
        bit(CERTIFICATE, 0),
    ),
    (
        "sct-bit",
        "one bit of the promise to publish it is flipped",
        UNTRUSTED,
        edited(flip_bytes(CERTIFICATE, sct_bit)),
    ),
    ("timestamp-bit", "one bit of the timestamp's signature is flipped", NO_TIME, bit(TIME, -1)),
    (
        "timestamp-kind",
        "the timestamp says that it is something else",
        NO_TIME,
        edited(flip_bytes(TIME, kind_of_token)),
    ),
    ("timestamp-head-bit", "one bit of the timestamp's first byte is flipped", NO_TIME, bit(TIME, 0)),
    (
        "log-body-bit",
        "one bit of the log entry is flipped",
        PROOF_BAD,
        bit((*ENTRY, "canonicalizedBody"), 40),
    ),
    (
        "log-hash-bit",
        "one bit of the way to the log's root is flipped",
        PROOF_BAD,
        bit((*PROOF, "hashes", 0), 0),
    ),
    ("log-root-bit", "one bit of the log's root is flipped", PROOF_BAD, bit((*PROOF, "rootHash"), 0)),
    (
        "log-checkpoint-bit",
        "one letter of the checkpoint is changed",
        PROOF_BAD,
        edited(recode((*PROOF, "checkpoint", "envelope"), lambda t: t.replace("127", "126", 1))),
    ),
    (
        "log-checkpoint-signature",
        "the checkpoint's signature is taken off",
        FORMAT,
        edited(recode((*PROOF, "checkpoint", "envelope"), lambda t: t.split("—")[0])),
    ),
    ("log-id-bit", "one bit of the log's name is flipped", PROOF_BAD, bit((*ENTRY, "logId", "keyId"), 0)),
    (
        "log-id-end",
        "the last bit of the log's name is flipped",
        PROOF_BAD,
        bit((*ENTRY, "logId", "keyId"), -1),
    ),
    (
        "log-place-of-same-shape",
        "the entry has a place in another log that the same hashes prove",
        PROOF_BAD,
        edited(doubled),
    ),
    (
        "certificate-version",
        "the certificate is of a version that no standard has",
        UNTRUSTED,
        edited(flip_bytes(CERTIFICATE, version)),
    ),
    (
        "timestamp-version",
        "the timestamp holds a certificate of such a version",
        NO_TIME,
        edited(flip_bytes(TIME, version)),
    ),
    (
        "certificate-serial",
        "the certificate has a number below zero",
        UNTRUSTED,
        edited(flip_bytes(CERTIFICATE, serial)),
    ),
    ("log-places-huge", "both places have a thousand digits", FORMAT, edited(huge)),
    (
        "log-body-white-space",
        "a space stands in the log entry's base64",
        FORMAT,
        edited(recode((*ENTRY, "canonicalizedBody"), spaced)),
    ),
    (
        "log-hash-not-base64",
        "a colon stands in a hash's base64",
        FORMAT,
        edited(recode((*PROOF, "hashes", 0), colon)),
    ),
    (
        "certificate-white-space",
        "a space stands in the certificate's base64",
        FORMAT,
        edited(recode(CERTIFICATE, spaced)),
    ),
    ("log-size", "the log has one entry more", PROOF_BAD, plus_one((*PROOF, "treeSize"))),
    ("log-index", "the entry is one place further", PROOF_BAD, plus_one((*ENTRY, "logIndex"))),
    ("log-index-of-proof", "the proof is for one place further", FORMAT, plus_one((*PROOF, "logIndex"))),
    ("log-both-indexes", "both are one place before", PROOF_BAD, edited(both_places)),
    ("log-index-huge", "the entry's place has a thousand digits", FORMAT, _entry(logIndex=10**1000)),
    ("log-index-negative", "the entry's place is below zero", FORMAT, _entry(logIndex="-1")),
    ("log-index-fraction", "the entry's place is 1.0", FORMAT, _entry(logIndex=1.0)),
    (
        "log-kind",
        "the entry is said to be of another kind",
        PROOF_BAD,
        _entry(kindVersion={"kind": "dsse", "version": "0.0.2"}),
    ),
    ("log-time", "the entry has a time that nobody signed", PROOF_BAD, _entry(integratedTime="1700000000")),
    (
        "log-promise",
        "the entry has a promise that nobody signed",
        PROOF_BAD,
        _entry(integratedTime="1700000000", inclusionPromise={"signedEntryTimestamp": "AAAA"}),
    ),
]
ATTACKS = [Attack(name=n, what=w, reason=r, spoil=s, keyless=True) for n, w, r, s in DECLARED]
