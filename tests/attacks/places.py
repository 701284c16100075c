"""Attacks on the folder of statements, on the key that may sign, and while the bundle is read."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.attacks.attack import Attack
from tests.attacks.scene import Scene, Spoil
from tests.attacks.trees import WEIGHTS, listening, null_device, sparse
from tests.unit.bundles import list_files
from verifier.signing.reasons import Reason

FORMAT, LINK, SPECIAL = Reason.UNKNOWN_FORMAT, Reason.LINK, Reason.SPECIAL_FILE
NOBODY, CHANGED = Reason.NO_SIGNATURE, Reason.CHANGED


def only(kind: str) -> Spoil:
    def spoil(scene: Scene) -> None:
        kept = scene.statement(kind)
        for path in scene.statements.iterdir():
            if path != kept:
                path.unlink()

    return spoil


def emptied(scene: Scene) -> None:
    shutil.rmtree(scene.statements)
    scene.statements.mkdir()


def too_many(scene: Scene) -> None:
    for number in range(257):
        (scene.statements / f"{number}.json").touch()


def beside(make: Callable[[Path], object]) -> Spoil:
    """Puts one thing more among the statements."""
    return lambda scene: make(scene.statements / "more.sigstore.json")


def moved(make: Callable[[Path, Path], object]) -> Spoil:
    def spoil(scene: Scene) -> None:
        path, target = scene.statement(), scene.folder / "elsewhere"
        path.rename(target)
        make(path, target)

    return spoil


def public_key(make: Callable[[], object]) -> Spoil:
    """The key that may sign is of another kind."""

    def spoil(scene: Scene) -> None:
        key = make()
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (scene.folder / "key.pub").write_bytes(pem)

    return spoil


def meanwhile(act: Callable[[Scene], object]) -> Spoil:
    """Does something again and again while the bundle is read, which its large weights make last."""

    def spoil(scene: Scene) -> None:
        os.truncate(scene.bundle / WEIGHTS, 192 << 20)
        list_files(scene.bundle)
        stop = Event()
        thread = Thread(target=lambda: _until(stop, act, scene))
        thread.start()
        scene.meanwhile.callback(thread.join)
        scene.meanwhile.callback(stop.set)

    return spoil


def _until(stop: Event, act: Callable[[Scene], object], scene: Scene) -> None:
    while not stop.wait(0.01):
        act(scene)


def write_again(scene: Scene) -> None:
    with (scene.bundle / WEIGHTS).open("r+b") as file:
        file.write(b"\x02")


def replace(scene: Scene) -> None:
    other = scene.folder / "other.json"
    shutil.copy(scene.bundle / "metrics.json", other)
    other.replace(scene.bundle / "metrics.json")


def go_and_come(scene: Scene) -> None:
    scene.bundle.joinpath("data.json").touch()


PLACES = [
    (
        "statement-of-many-parts",
        "a file of 3 MB would take a hundred in memory",
        Reason.TOO_LARGE,
        beside(lambda p: p.write_bytes(b"[" + b"[]," * 10**6 + b"[]]")),
    ),
    (
        "no-statements",
        "there is no folder of statements",
        NOBODY,
        lambda scene: shutil.rmtree(scene.statements),
    ),
    ("empty-statements", "the folder of statements is empty", NOBODY, emptied),
    (
        "only-evaluation",
        "there is a signed evaluation, and no signature over all files",
        NOBODY,
        only("evaluation"),
    ),
    (
        "only-provenance",
        "there is a signed provenance, and no signature over all files",
        NOBODY,
        only("provenance"),
    ),
    (
        "statement-stray",
        "a file among the statements is none",
        FORMAT,
        beside(lambda p: p.write_text("read me")),
    ),
    (
        "statement-hidden",
        "a hidden file lies among the statements",
        FORMAT,
        lambda s: (s.statements / ".hidden").touch(),
    ),
    (
        "statement-name-of-terminal",
        "a file among the statements has a name that would clear the terminal",
        Reason.UNSAFE_NAME,
        lambda s: (s.statements / "\x1b[2J\x1b[31m\u202enosj.json").write_text("{}"),
    ),
    (
        "statement-name-not-text",
        "a file among them has a name that is no text",
        Reason.UNSAFE_NAME,
        lambda s: Path(os.fsdecode(os.fsencode(s.statements) + b"/\xff\xfe.json")).write_text("{}"),
    ),
    ("statement-folder", "a folder lies among the statements", SPECIAL, beside(Path.mkdir)),
    ("statement-link", "a statement is a symbolic link to itself elsewhere", LINK, moved(Path.symlink_to)),
    (
        "statement-link-dangling",
        "a statement is a symbolic link to nothing",
        LINK,
        beside(lambda p: p.symlink_to("nowhere")),
    ),
    ("statement-pipe", "a statement is a pipe", SPECIAL, beside(os.mkfifo)),
    ("statement-socket", "a statement is a socket", SPECIAL, beside(listening)),
    ("statement-device", "a statement is a device", SPECIAL, beside(null_device)),
    (
        "statement-sparse",
        "a statement claims to have 2 GB",
        Reason.TOO_LARGE,
        lambda s: sparse(s.statement()),
    ),
    ("too-many-statements", "there are 257 files more among the statements", Reason.TOO_LARGE, too_many),
]
KEYS = [
    (
        "key-rsa",
        "the key that may sign is an RSA key",
        None,
        public_key(lambda: rsa.generate_private_key(65537, 2048)),
    ),
    (
        "key-ed25519",
        "the key that may sign is an Ed25519 key",
        None,
        public_key(ed25519.Ed25519PrivateKey.generate),
    ),
    (
        "key-other-curve",
        "the key that may sign is on secp256k1",
        None,
        public_key(lambda: ec.generate_private_key(ec.SECP256K1())),
    ),
    (
        "key-other-key",
        "another key may sign",
        Reason.WRONG_SIGNER,
        public_key(lambda: ec.generate_private_key(ec.SECP256R1())),
    ),
    (
        "key-truncated",
        "the key that may sign is cut off",
        None,
        lambda s: os.truncate(s.folder / "key.pub", 60),
    ),
]
RACES = [
    ("written-while-read", "the weights are written while they are read", CHANGED, meanwhile(write_again)),
    (
        "replaced-while-read",
        "a file is replaced by its twin while others are read",
        CHANGED,
        meanwhile(replace),
    ),
    ("touched-while-read", "a file gets another time while others are read", CHANGED, meanwhile(go_and_come)),
]
ATTACKS = [Attack(name=n, what=w, reason=r, spoil=s) for n, w, r, s in PLACES + KEYS + RACES]
