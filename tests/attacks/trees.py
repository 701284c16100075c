"""Attacks on the files of the bundle: what is in them, and what they are."""

import os
import shutil
import socket
import stat
from collections.abc import Callable
from pathlib import Path

from tests.attacks.attack import Attack
from tests.attacks.bits import flipped
from tests.attacks.scene import Scene, Spoil
from tests.unit.bundles import write_file
from verifier.signing.reasons import Reason

WEIGHTS = "weights/model.safetensors"
DIFFER, EXTRA = Reason.CONTENTS_DIFFER, Reason.EXTRA_FILE
MODE, LINK, SPECIAL = Reason.UNSAFE_MODE, Reason.LINK, Reason.SPECIAL_FILE
GIGABYTES = 2 << 30


def bit(name: str, index: int = -1) -> Spoil:
    return lambda scene: _rewrite(scene.bundle / name, lambda c: flipped(c, index))


def _rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def rewrite(name: str, change: Callable[[bytes], bytes]) -> Spoil:
    return lambda scene: _rewrite(scene.bundle / name, change)


def at(name: str, make: Callable[[Path], object]) -> Spoil:
    """Does something at a place in the bundle."""
    return lambda scene: make(scene.bundle / name)


def added(name: str, content: bytes = b"x") -> Spoil:
    return lambda scene: write_file(scene.bundle, name, content)


def instead(name: str, make: Callable[[Path], object]) -> Spoil:
    """Puts something else into a file's place."""

    def spoil(scene: Scene) -> None:
        (scene.bundle / name).unlink()
        make(scene.bundle / name)

    return spoil


def elsewhere(name: str, make: Callable[[Path, Path], object]) -> Spoil:
    """Moves a file or folder out of the bundle, and ties its place to that."""

    def spoil(scene: Scene) -> None:
        place, target = scene.bundle / name, scene.folder / "elsewhere"
        place.rename(target)
        make(place, target)

    return spoil


def swapped(first: str, second: str) -> Spoil:
    def spoil(scene: Scene) -> None:
        a, b = scene.bundle / first, scene.bundle / second
        contents = a.read_bytes(), b.read_bytes()
        b.write_bytes(contents[0])
        a.write_bytes(contents[1])

    return spoil


def with_mode(name: str, bits: int) -> Spoil:
    return at(name, lambda path: path.chmod(stat.S_IMODE(path.stat().st_mode) | bits))


def sparse(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(GIGABYTES)


def null_device(path: Path) -> None:
    os.mknod(path, stat.S_IFCHR | 0o644, os.makedev(1, 3))


def listening(path: Path) -> None:
    """A socket; its name is given in its folder, since a path may have 107 bytes."""
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(path.name)
    finally:
        os.chdir(before)


CONTENTS = [
    ("weights-bit", "one bit of the weights is flipped", DIFFER, bit(WEIGHTS)),
    ("weights-longer", "the weights have one byte more", DIFFER, rewrite(WEIGHTS, lambda c: c + b"\0")),
    ("weights-truncated", "the weights are cut off", DIFFER, rewrite(WEIGHTS, lambda c: c[:-1])),
    (
        "weights-missing",
        "the weights and their folder are missing",
        Reason.MISSING_FILE,
        at("weights", shutil.rmtree),
    ),
    (
        "weights-missing-alone",
        "the weights are missing, their folder is empty",
        EXTRA,
        at(WEIGHTS, Path.unlink),
    ),
    ("code-bit", "one bit of the code is flipped", DIFFER, bit("code/network.py", 0)),
    ("data-bit", "one bit of data.json is flipped", DIFFER, bit("data.json", 20)),
    ("metrics-bit", "one bit of metrics.json is flipped", DIFFER, bit("metrics.json", 20)),
    ("toolchain-bit", "one bit of toolchain.json is flipped", DIFFER, bit("toolchain.json", 20)),
    (
        "contents-swapped",
        "two files have each other's contents",
        DIFFER,
        swapped("data.json", "metrics.json"),
    ),
    ("metrics-missing", "metrics.json is missing", Reason.MISSING_FILE, at("metrics.json", Path.unlink)),
    ("metrics-sparse", "metrics.json claims to have 2 GB", DIFFER, at("metrics.json", sparse)),
    ("manifest-sparse", "manifest.json claims to have 2 GB", Reason.TOO_LARGE, at("manifest.json", sparse)),
    ("extra-file", "a file more lies in the bundle", EXTRA, added("weights/more.safetensors")),
    ("extra-hidden-file", "a hidden file more lies in it", EXTRA, added("code/.pth")),
    ("extra-git", "it has a folder .git", EXTRA, added(".git/config")),
    ("extra-signature", "a signature lies inside the bundle", EXTRA, added("model.sig")),
    ("extra-folder", "an empty folder more lies in it", EXTRA, at("code/__pycache__", Path.mkdir)),
]
KINDS = [
    (
        "link-to-file",
        "the weights are a symbolic link to themselves elsewhere",
        LINK,
        elsewhere(WEIGHTS, Path.symlink_to),
    ),
    (
        "link-to-folder",
        "a folder is a symbolic link to itself elsewhere",
        LINK,
        elsewhere("code", Path.symlink_to),
    ),
    (
        "link-dangling",
        "the weights are a symbolic link to nothing",
        LINK,
        instead(WEIGHTS, lambda p: p.symlink_to("nowhere")),
    ),
    (
        "link-to-itself",
        "the weights are a symbolic link to their own name",
        LINK,
        instead(WEIGHTS, lambda p: p.symlink_to(p.name)),
    ),
    (
        "link-to-above",
        "a folder is a symbolic link to the bundle",
        LINK,
        at("code/up", lambda p: p.symlink_to("..")),
    ),
    (
        "link-of-manifest",
        "manifest.json is a symbolic link to itself elsewhere",
        LINK,
        elsewhere("manifest.json", Path.symlink_to),
    ),
    ("hard-link", "the weights have a second name outside", LINK, elsewhere(WEIGHTS, Path.hardlink_to)),
    (
        "hard-link-inside",
        "the weights have a second name inside",
        LINK,
        at("weights/b", lambda p: p.hardlink_to(p.with_name("model.safetensors"))),
    ),
    ("pipe", "the weights are a pipe", SPECIAL, instead(WEIGHTS, os.mkfifo)),
    ("socket", "the weights are a socket", SPECIAL, instead(WEIGHTS, listening)),
    ("device", "the weights are a device", SPECIAL, instead(WEIGHTS, null_device)),
    ("manifest-pipe", "manifest.json is a pipe", SPECIAL, instead("manifest.json", os.mkfifo)),
    ("mode-setuid", "the weights run as their owner", MODE, with_mode(WEIGHTS, stat.S_ISUID)),
    ("mode-setgid", "a folder hands down its group", MODE, with_mode("weights", stat.S_ISGID)),
    ("mode-sticky", "a folder is sticky", MODE, with_mode("weights", stat.S_ISVTX)),
    ("mode-executable", "the code can be run", MODE, with_mode("code/network.py", 0o100)),
    ("mode-file-others-write", "everybody may write the weights", MODE, with_mode(WEIGHTS, 0o002)),
    ("mode-folder-others-write", "everybody may write into a folder", MODE, with_mode("weights", 0o002)),
    ("mode-bundle-others-write", "everybody may write into the bundle", MODE, with_mode(".", 0o002)),
]
ATTACKS = [Attack(name=n, what=w, reason=r, spoil=s) for n, w, r, s in CONTENTS + KINDS]
