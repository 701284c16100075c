"""Attacks with what a trusted root has withdrawn: certificates and log entries are good, and years too late."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.attacks.attack import Attack
from tests.attacks.scene import Scene, Spoil
from verifier.signing.reasons import Reason

HOUR = timedelta(hours=1)
# The lists of a trusted root, and where each entry has its period.
AUTHORITIES, TIMES = ("certificateAuthorities", "validFor"), ("timestampAuthorities", "validFor")
LOGS, CERTIFICATE_LOGS = ("tlogs", "publicKey", "validFor"), ("ctlogs", "publicKey", "validFor")


def rooted(change: Callable[[dict], object]) -> Spoil:
    """The trusted root is another one."""

    def spoil(scene: Scene) -> None:
        path = scene.folder / "trusted_root.json"
        value = json.loads(path.read_text())
        change(value)
        path.write_text(json.dumps(value))

    return spoil


def period(place: tuple[str, ...], **ends: timedelta) -> Callable[[dict], None]:
    """Gives the first entry of a list a `start` or an `end`, so long from now."""

    def change(root: dict) -> None:
        kind, *inside = place
        value = root[kind][0]
        for part in inside:
            value = value[part]
        for name, shift in ends.items():
            value[name] = (datetime.now(UTC) + shift).strftime("%Y-%m-%dT%H:%M:%SZ")

    return change


def ended(place: tuple[str, ...]) -> Spoil:
    return rooted(period(place, end=-HOUR))


def without(kind: str) -> Spoil:
    return rooted(lambda root: root.update({kind: []}))


def _write(scene: Scene, content: bytes) -> None:
    (scene.folder / "trusted_root.json").write_bytes(content)


def _truncate(scene: Scene, size: int) -> None:
    with (scene.folder / "trusted_root.json").open("r+b") as file:
        file.truncate(size)


def _padded(scene: Scene) -> None:
    with (scene.folder / "trusted_root.json").open("ab") as file:
        file.write(b" " * (17 << 20))


UNTRUSTED, NO_TIME = Reason.UNTRUSTED_CERTIFICATE, Reason.NO_TIMESTAMP
DECLARED = [
    (
        "authority-withdrawn",
        "the root withdrew who gave the certificate before it was signed",
        UNTRUSTED,
        ended(AUTHORITIES),
    ),
    (
        "certificate-log-withdrawn",
        "the root withdrew the log of certificates before it was signed",
        UNTRUSTED,
        ended(CERTIFICATE_LOGS),
    ),
    ("log-withdrawn", "the root withdrew the log before it was signed", Reason.BAD_LOG_PROOF, ended(LOGS)),
    (
        "clock-withdrawn",
        "the root withdrew the timestamp authority before it was signed",
        NO_TIME,
        ended(TIMES),
    ),
    (
        "clock-not-begun",
        "the root's timestamp authority had not begun",
        NO_TIME,
        rooted(period(TIMES, start=HOUR)),
    ),
    (
        "root-without-authority",
        "the root has no certificate authority",
        None,
        without("certificateAuthorities"),
    ),
    ("root-without-log", "the root has no log", None, without("tlogs")),
    ("root-without-certificate-log", "the root has no log of certificates", None, without("ctlogs")),
    ("root-without-clock", "the root has no timestamp authority", NO_TIME, without("timestampAuthorities")),
    ("root-nested", "the root is 100,000 lists in each other", None, lambda s: _write(s, b"[" * 100_000)),
    ("root-not-text", "the root is no text", None, lambda s: _write(s, b"\xff\xfe")),
    ("root-padded", "the root is good, with 17 MiB of white space behind it", None, _padded),
    (
        "root-clock-unreadable",
        "the root's timestamp authority has a certificate that cannot be read",
        None,
        rooted(
            lambda r: r["timestampAuthorities"][0]["certChain"]["certificates"][0].update(rawBytes="AAAA")
        ),
    ),
    ("root-sparse", "the root claims to have 2 GB", None, lambda s: _truncate(s, 2 << 30)),
]


ATTACKS = [Attack(name=n, what=w, reason=r, spoil=s, keyless=True) for n, w, r, s in DECLARED]
