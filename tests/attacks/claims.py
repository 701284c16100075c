"""Attacks in which the right key signs a statement that is about something else, or can be read in two ways."""

from tests.attacks.attack import Attack
from tests.attacks.scene import Spoil, claimed, stated
from verifier.signing.reasons import Reason

FORMAT, SUBJECT, TYPE = Reason.UNKNOWN_FORMAT, Reason.WRONG_SUBJECT, Reason.UNKNOWN_TYPE
OTHER = "00" * 32
BUILD = "provenance-first-build"


def top(kind: str = "signature", /, **members: object) -> Spoil:
    return claimed(lambda v: v.update(members), kind)


def subject(**members: object) -> Spoil:
    return claimed(lambda v: v["subject"][0].update(members), "evaluation")


def swap_types(value: dict) -> None:
    value["predicateType"] = "https://in-toto.io/attestation/test-result/v0.1"


def again(old: bytes, new: bytes):
    return lambda payload: payload.replace(old, new, 1)


DECLARED = [
    (
        "statement-type",
        "the statement's type is one of no in-toto version",
        FORMAT,
        top(_type="https://in-toto.io/Statement/v2"),
    ),
    ("statement-type-list", "the statement's type is a list", FORMAT, top(_type=[])),
    (
        "statement-unknown-member",
        "the statement has a member that the format has not",
        FORMAT,
        top(valid=True),
    ),
    (
        "statement-no-predicate-type",
        "the statement has no type of predicate",
        FORMAT,
        claimed(lambda v: v.pop("predicateType")),
    ),
    ("statement-predicate-list", "the predicate is a list", FORMAT, top(predicate=[])),
    (
        "statement-predicate-missing",
        "the predicate is missing",
        FORMAT,
        claimed(lambda v: v.pop("predicate")),
    ),
    (
        "statement-duplicate-key",
        "the subject is given twice",
        FORMAT,
        stated(again(b'"subject"', b'"subject": [], "subject"')),
    ),
    ("statement-not-a-number", "a metric is NaN", FORMAT, stated(again(b"0.5", b"NaN"), "evaluation")),
    (
        "statement-infinity",
        "a metric is too large for a number",
        FORMAT,
        stated(again(b"0.5", b"1e999"), "evaluation"),
    ),
    (
        "statement-byte-order-mark",
        "the statement begins with a byte order mark",
        FORMAT,
        stated(lambda p: b"\xef\xbb\xbf" + p),
    ),
    ("statement-utf-16", "the statement is UTF-16", FORMAT, stated(lambda p: p.decode().encode("utf-16"))),
    (
        "statement-not-utf-8",
        "the statement is not UTF-8",
        FORMAT,
        stated(again(b'"name": "', b'"name": "\xff')),
    ),
    ("statement-lone-surrogate", "the subject's name is half a character", FORMAT, subject(name="\ud800")),
    (
        "statement-deep-nesting",
        "the predicate is 100,000 lists in each other",
        FORMAT,
        stated(lambda _: b'{"predicate": ' + b"[" * 100_000),
    ),
    ("statement-no-subject", "the statement has no subject", SUBJECT, top("evaluation", subject=[])),
    (
        "statement-two-subjects",
        "the statement has a second subject",
        SUBJECT,
        claimed(lambda v: v["subject"].append({"name": "other", "digest": {"sha256": OTHER}}), "evaluation"),
    ),
    ("statement-other-subject", "the subject is another bundle", SUBJECT, subject(digest={"sha256": OTHER})),
    (
        "statement-second-digest",
        "the subject has a second digest",
        SUBJECT,
        claimed(lambda v: v["subject"][0]["digest"].update(sha512="00" * 64), "evaluation"),
    ),
    (
        "statement-weak-digest",
        "the subject has a SHA-1 and no SHA-256",
        SUBJECT,
        subject(digest={"sha1": "00" * 20}),
    ),
    (
        "statement-digest-capitals",
        "the subject's digest is in capitals",
        SUBJECT,
        claimed(
            lambda v: v["subject"][0].update(digest={"sha256": v["subject"][0]["digest"]["sha256"].upper()}),
            "evaluation",
        ),
    ),
    (
        "statement-subject-member",
        "the subject has a URI beside its digest",
        SUBJECT,
        subject(uri="https://example.org"),
    ),
    (
        "predicate-type",
        "the predicate is of a type that nobody knows",
        TYPE,
        top("evaluation", predicateType="https://example.org/approved/v1"),
    ),
    (
        "predicate-type-slash",
        "the type is a known one with a slash more",
        TYPE,
        claimed(lambda v: v.update(predicateType=v["predicateType"] + "/"), "evaluation"),
    ),
    (
        "predicate-type-of-another",
        "a provenance claims to be a test result",
        FORMAT,
        claimed(swap_types, BUILD),
    ),
]
ATTACKS = [Attack(name=n, what=w, reason=r, spoil=s) for n, w, r, s in DECLARED]
