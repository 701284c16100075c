"""Attacks by the names of files, which not everybody reads alike and not every system can hold."""

import os
from pathlib import Path

from tests.attacks.attack import Attack
from tests.attacks.scene import Scene, Spoil
from tests.unit.bundles import list_files, write_file
from verifier.signing.reasons import Reason


def signed_with(*names: str) -> Spoil:
    """Adds files and has the manifest list them: the names alone are wrong."""

    def spoil(scene: Scene) -> None:
        for name in names:
            write_file(scene.bundle, name, b"x")
        list_files(scene.bundle)

    return spoil


def not_text(scene: Scene) -> None:
    path = scene.bundle / "code" / "a"
    Path(os.fsdecode(os.fsencode(path) + b"\xff")).write_bytes(b"x")


def long_path(scene: Scene) -> None:
    """Twenty folders of 250 letters: made one from within the other, as tar makes them."""
    before = Path.cwd()
    os.chdir(scene.bundle / "code")
    try:
        for _ in range(20):
            Path("d" * 250).mkdir()
            os.chdir("d" * 250)
        Path("f").write_bytes(b"x")
    finally:
        os.chdir(before)


DECLARED = [
    ("name-bidi", "a name turns the direction of writing", signed_with("code/\u202egpj.py")),
    ("name-invisible", "a name has a character of no width", signed_with("code/a\u200bb.py")),
    (
        "name-filler",
        "a name has a letter that is shown as nothing",
        signed_with("code/network\u3164.py"),
    ),
    (
        "name-variation",
        "a name has a sign that changes how the one before is shown",
        signed_with("code/network\ufe0f.py"),
    ),
    ("name-escape", "a name would clear the terminal", signed_with("code/\x1b[2J.py")),
    ("name-line", "a name has two lines", signed_with("code/a\nok.py")),
    ("name-backslash", "a name is a path on another system", signed_with("code/..\\..\\a.py")),
    ("name-colon", "a name is a stream of another file on another system", signed_with("code/a.py:b")),
    ("name-device", "a name is a device on another system", signed_with("code/nul")),
    (
        "name-device-extension",
        "a name is a device there, with an extension",
        signed_with("code/COM1.py"),
    ),
    ("name-trailing-dot", "a name ends in a dot", signed_with("code/a.py.")),
    ("name-trailing-space", "a name ends in a space", signed_with("code/a.py ")),
    ("name-not-text", "a name is no text", not_text),
    ("name-decomposed", "a name has a letter and its accent apart", signed_with("code/e\u0301.py")),
    ("name-deep", "a file lies 33 folders deep", signed_with("/".join(["d"] * 33) + "/f")),
    ("names-by-case", "two names differ in case alone", signed_with("code/Network.py")),
    ("names-by-case-of-folder", "two folders differ in case alone", signed_with("Code/other.py")),
    ("names-by-case-of-sharp-s", "two names are one where ß is ss", signed_with("code/ß", "code/ss")),
    (
        "names-by-composition",
        "two names differ in composition alone",
        signed_with("code/\u00e9", "code/e\u0301"),
    ),
    (
        "names-by-compatibility",
        "two names are one where ﬁ is fi",
        signed_with("code/\ufb01", "code/fi"),
    ),
]
DECLARED += [("name-path-too-long", "folders in each other have a path that no program can open", long_path)]
ATTACKS = [Attack(name=n, what=w, reason=Reason.UNSAFE_NAME, spoil=s) for n, w, s in DECLARED]
