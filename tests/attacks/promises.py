"""Attacks on entries of the log's first version, which state a time of their own and promise it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.attacks.attack import Attack
from tests.attacks.bits import flip
from tests.attacks.parts import ENTRY, TIME
from tests.attacks.roots import AUTHORITIES, HOUR, LOGS, ended
from tests.attacks.scene import Scene, Spoil, edited
from tests.keyless import attacks
from verifier.signing.reasons import Reason

PROMISE = (*ENTRY, "inclusionPromise", "signedEntryTimestamp")
PROOF_BAD, FORMAT = Reason.BAD_LOG_PROOF, Reason.UNKNOWN_FORMAT


def promised(*more: Spoil, later: timedelta = timedelta(), stamped: bool = False) -> Spoil:
    """Logs the signature in the first version, takes the timestamp away unless it is to stay, and does more."""

    def spoil(scene: Scene) -> None:
        path = scene.statement()
        moment = datetime.now(UTC) + later
        value = json.loads(scene.world.promised(path.read_text(), moment=moment))
        if not stamped:
            del value["verificationMaterial"]["timestampVerificationData"]
        path.write_text(json.dumps(value))
        for each in more:
            each(scene)

    return spoil


def entry(**members: object) -> Spoil:
    return edited(lambda v: v["verificationMaterial"]["tlogEntries"][0].update(members))


def member(name: str, change: Callable[[int], int]) -> Spoil:
    def apply(value: dict) -> None:
        (one,) = value["verificationMaterial"]["tlogEntries"]
        one[name] = str(change(int(one[name])))

    return edited(apply)


def of_another(scene: Scene) -> None:
    """The promise, genuine, is that of another entry."""
    other = json.loads(scene.world.promised(scene.statement("evaluation").read_text()))
    (theirs,) = other["verificationMaterial"]["tlogEntries"]
    entry(inclusionPromise=theirs["inclusionPromise"])(scene)


def logged_for_another(scene: Scene) -> None:
    """The entry, genuine with promise and proof, is about another signature."""
    other = json.loads(scene.world.promised(scene.statement("evaluation").read_text()))
    path = scene.statement()
    value = json.loads(path.read_text())
    value["verificationMaterial"]["tlogEntries"] = other["verificationMaterial"]["tlogEntries"]
    path.write_text(json.dumps(value))


def stamp_of_another(scene: Scene) -> None:
    path = scene.statement()
    path.write_text(attacks.with_timestamp_of(scene.statement("evaluation").read_text(), path.read_text()))


UNPROVEN = {"signedEntryTimestamp": "AAAA"}
DECLARED = [
    (
        "promise-bit",
        "one bit of the log's promise is flipped",
        PROOF_BAD,
        promised(edited(flip(PROMISE, -1))),
    ),
    (
        "promise-time",
        "the promised time is moved by a second",
        PROOF_BAD,
        promised(member("integratedTime", lambda t: t + 1)),
    ),
    (
        "promise-place",
        "the promised entry claims another place",
        PROOF_BAD,
        promised(member("logIndex", lambda i: i + 1)),
    ),
    (
        "promise-taken-out",
        "the promise is taken out, and nobody vouches for the time",
        Reason.NO_TIMESTAMP,
        promised(edited(lambda v: v["verificationMaterial"]["tlogEntries"][0].pop("inclusionPromise"))),
    ),
    ("promise-swapped", "the promise is that of another entry", PROOF_BAD, promised(of_another)),
    (
        "promise-for-another",
        "the entry and its promise are about another signature",
        Reason.WRONG_LOG_ENTRY,
        promised(logged_for_another),
    ),
    (
        "promise-too-late",
        "the promised time is after the certificate's ten minutes",
        Reason.EXPIRED,
        promised(later=HOUR),
    ),
    ("promise-too-early", "the promised time is before them", Reason.EXPIRED, promised(later=-HOUR)),
    (
        "promise-too-late-for-the-stamp",
        "there is a good timestamp, and a promise of another hour",
        Reason.EXPIRED,
        promised(later=HOUR, stamped=True),
    ),
    (
        "promise-beside-bad-stamp",
        "there is a good promise, and a timestamp that nobody signed",
        Reason.NO_TIMESTAMP,
        promised(edited(flip(TIME, -1)), stamped=True),
    ),
    (
        "promise-beside-stamp-of-another",
        "there is a good promise, and the timestamp of another signature",
        Reason.NO_TIMESTAMP,
        promised(stamp_of_another, stamped=True),
    ),
    (
        "promise-by-withdrawn-log",
        "the root withdrew the log before it promised",
        PROOF_BAD,
        promised(ended(LOGS)),
    ),
    (
        "promise-authority-withdrawn",
        "the root withdrew who gave the certificate before that",
        Reason.UNTRUSTED_CERTIFICATE,
        promised(ended(AUTHORITIES)),
    ),
    (
        "promise-without-time",
        "an entry has a promise of no time, which nobody verifies",
        PROOF_BAD,
        entry(inclusionPromise=UNPROVEN),
    ),
    (
        "promise-of-time-zero",
        "an entry has a promise of the time 0, which nobody verifies",
        PROOF_BAD,
        entry(inclusionPromise=UNPROVEN, integratedTime="0"),
    ),
    (
        "promise-hides-place",
        "such a promise hides that the entry claims another place",
        PROOF_BAD,
        lambda s: (entry(inclusionPromise=UNPROVEN)(s), member("logIndex", lambda i: i + 1)(s)),
    ),
    (
        "promise-time-end-of-days",
        "the time is after all calendars",
        FORMAT,
        promised(entry(integratedTime="9999999999999")),
    ),
    (
        "promise-time-64-bits",
        "the time is the largest of 64 bits with a sign",
        FORMAT,
        promised(entry(integratedTime=str(2**63 - 1))),
    ),
    (
        "promise-time-too-long",
        "the time is the largest of 64 bits",
        FORMAT,
        promised(entry(integratedTime=str(2**64 - 1))),
    ),
    ("promise-time-number", "the same as a number", FORMAT, promised(entry(integratedTime=2**64 - 1))),
    ("promise-time-negative", "the time is before 1970", FORMAT, promised(entry(integratedTime="-1"))),
]
ATTACKS = [Attack(name=n, what=w, reason=r, spoil=s, keyless=True) for n, w, r, s in DECLARED]
