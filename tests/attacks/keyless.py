"""Attacks on a statement that is signed with a certificate: bent services and foreign ones, parts swapped."""

from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from tests.attacks.attack import Attack
from tests.attacks.scene import SIGNER, Scene, Spoil, WorldSigner, edited
from tests.keyless import Bends, World, attacks
from verifier.signing.reasons import Reason
from verifier.signing.sign import KeySigner

HOUR = timedelta(hours=1)


def bent(**bends: object) -> Spoil:
    """Signs anew in a world that lies."""

    def spoil(scene: Scene) -> None:
        payload = scene.payload()
        with scene.world.bent(Bends(**bends)):
            scene.state(payload)

    return spoil


def by(signer: str = SIGNER, issuer: str | None = None) -> Spoil:
    """Somebody else signs, in the same world."""

    def spoil(scene: Scene) -> None:
        other = WorldSigner(world=scene.world, identifier=signer, issuer=issuer)
        scene.statement().write_bytes(other.sign(scene.payload()))

    return spoil


def in_another_world(scene: Scene) -> None:
    with World.start(scene.folder / "world") as other:
        signed = other.signed(scene.payload(), SIGNER, issuer=scene.world.issuer)
    scene.statement().write_text(signed)


def with_a_key(scene: Scene) -> None:
    signer = KeySigner(ec.generate_private_key(ec.SECP256R1()))
    scene.statement().write_bytes(signer.sign(scene.payload()))


def of_another(swap) -> Spoil:
    """Takes a part from a genuine signature of another statement."""

    def spoil(scene: Scene) -> None:
        other = scene.statement("evaluation").read_text()
        path = scene.statement()
        path.write_text(swap(other, path.read_text()))

    return spoil


def finished(change) -> Spoil:
    return lambda scene: scene.statement().write_text(change(scene.statement().read_text()))


def foreign_root(scene: Scene) -> None:
    with World.start(scene.folder / "world") as other:
        (scene.folder / "trusted_root.json").write_bytes(other.trusted_root.read_bytes())


def _twice(name: str) -> Spoil:
    return edited(lambda v: _list(v, name).append(dict(_list(v, name)[0])))


def _list(value: dict, name: str) -> list:
    material = value["verificationMaterial"]
    return material[name] if name == "tlogEntries" else material["timestampVerificationData"][name]


def _chain(value: dict) -> None:
    certificate = value["verificationMaterial"].pop("certificate")
    value["verificationMaterial"]["x509CertificateChain"] = {"certificates": [certificate]}


FORMAT, BAD, PROOF_BAD = Reason.UNKNOWN_FORMAT, Reason.BAD_SIGNATURE, Reason.BAD_LOG_PROOF
UNTRUSTED, ENTRY_WRONG, NO_TIME = Reason.UNTRUSTED_CERTIFICATE, Reason.WRONG_LOG_ENTRY, Reason.NO_TIMESTAMP
SERVICES = [
    (
        "other-signer-long",
        "the signer's name has 100,000 letters",
        Reason.WRONG_SIGNER,
        by("a" * 10**5 + "@example.org"),
    ),
    (
        "certificate-expired",
        "the certificate had expired when it signed",
        Reason.EXPIRED,
        bent(certificate_shift=-HOUR),
    ),
    (
        "certificate-not-yet-valid",
        "the certificate was not valid yet",
        Reason.EXPIRED,
        bent(certificate_shift=HOUR),
    ),
    (
        "certificate-foreign",
        "an authority of the same name gave the certificate",
        UNTRUSTED,
        bent(foreign_authority=True),
    ),
    (
        "certificate-for-servers",
        "the certificate is for web servers, not for signing",
        UNTRUSTED,
        bent(for_servers=True),
    ),
    (
        "certificate-for-encryption",
        "the certificate's key is for encryption, not for signatures",
        UNTRUSTED,
        bent(for_encryption=True),
    ),
    (
        "certificate-of-authority",
        "the certificate is an authority's, which could certify others",
        UNTRUSTED,
        bent(certifies=True),
    ),
    ("sct-foreign", "another log promised to publish the certificate", UNTRUSTED, bent(foreign_ct_log=True)),
    ("sct-missing", "nobody promised to publish the certificate", UNTRUSTED, bent(no_sct=True)),
    (
        "time-too-late",
        "the timestamp is from after the certificate's ten minutes",
        Reason.EXPIRED,
        bent(timestamp_shift=HOUR),
    ),
    ("time-too-early", "the timestamp is from before them", Reason.EXPIRED, bent(timestamp_shift=-HOUR)),
    ("time-foreign", "an authority of the same name gave the timestamp", NO_TIME, bent(foreign_clock=True)),
    ("log-foreign", "another key signed the log's checkpoint", PROOF_BAD, bent(foreign_log=True)),
    ("log-not-stored", "the proof is for another entry than the log shows", PROOF_BAD, bent(unstored=True)),
    (
        "log-other-entry",
        "the log shows a genuine entry of another signature",
        ENTRY_WRONG,
        bent(other_entry=True),
    ),
    ("another-world", "all services are those of another instance", NO_TIME, in_another_world),
    ("another-root", "the trusted root is that of another instance", NO_TIME, foreign_root),
    ("other-signer", "somebody else signed", Reason.WRONG_SIGNER, by("mallory@example.org")),
    (
        "other-signer-longer",
        "the signer's name begins like ours",
        Reason.WRONG_SIGNER,
        by(f"{SIGNER}.example"),
    ),
    (
        "other-signer-capitals",
        "the signer's name is ours in capitals",
        Reason.WRONG_SIGNER,
        by(SIGNER.upper()),
    ),
    (
        "other-signer-machine",
        "a machine signed whose URL ends in our name",
        Reason.WRONG_SIGNER,
        by(f"https://{SIGNER}"),
    ),
    (
        "other-signer-terminal",
        "the signer's name would clear the terminal",
        Reason.WRONG_SIGNER,
        by("a\x1b[2J@example.org"),
    ),
    (
        "other-issuer",
        "somebody else vouches for our signer",
        Reason.WRONG_ISSUER,
        by(issuer="https://accounts.example.org"),
    ),
    ("key-for-certificate", "a key signed where a certificate is asked for", Reason.WRONG_SIGNER, with_a_key),
]
PARTS = [
    (
        "without-log-entry",
        "the log entry is taken out",
        Reason.NOT_LOGGED,
        finished(attacks.without_log_entry),
    ),
    ("without-timestamp", "the timestamp is taken out", NO_TIME, finished(attacks.without_timestamp)),
    (
        "log-entry-swapped",
        "the log entry is that of another signature",
        ENTRY_WRONG,
        of_another(attacks.with_log_entry_of),
    ),
    (
        "timestamp-swapped",
        "the timestamp is that of another signature",
        NO_TIME,
        of_another(attacks.with_timestamp_of),
    ),
    (
        "certificate-swapped",
        "the certificate is that of another signature",
        BAD,
        of_another(attacks.with_certificate_of),
    ),
    (
        "payload-swapped",
        "the statement is another than was signed",
        BAD,
        finished(lambda b: attacks.with_statement(b"{}", b)),
    ),
    ("log-entry-twice", "there are two log entries", FORMAT, _twice("tlogEntries")),
    ("timestamp-twice", "the timestamp is there twice", FORMAT, _twice("rfc3161Timestamps")),
    ("certificate-chain", "a chain of certificates stands in place of one", FORMAT, edited(_chain)),
    (
        "keyless-media-type",
        "the media type is that of v0.1",
        FORMAT,
        edited(lambda v: v.update(mediaType="application/vnd.dev.sigstore.bundle+json;version=0.1")),
    ),
]
ATTACKS = [Attack(name=n, what=w, reason=r, spoil=s, keyless=True) for n, w, r, s in SERVICES + PARTS]
