"""Attacks on manifest.json and the documents it lists: what it says, and what it is."""

import hashlib
import json
from collections.abc import Callable

from tests.attacks.attack import Attack
from tests.attacks.scene import Scene, Spoil
from tests.unit.bundles import change_manifest, list_files, write_bundle
from verifier.signing.reasons import Reason

INVALID, NAME = Reason.INVALID_MANIFEST, Reason.UNSAFE_NAME
WEIGHTS, OTHER = "weights/model.safetensors", b"\x02\0\0\0\0\0\0\0{ "


def changed(change: Callable[[dict], object]) -> Spoil:
    return lambda scene: change_manifest(scene.bundle, change)


def path(name: str) -> Spoil:
    """The manifest lists one file more."""
    return changed(lambda m: m["files"].append({"path": name, "size": 1, "sha256": "00" * 32}))


def weights(**members: object) -> Spoil:
    return changed(lambda m: m["files"][-1].update(members))


def document(name: str, change: Callable[[bytes], bytes]) -> Spoil:
    """Changes a document and has the manifest list it as it is."""

    def spoil(scene: Scene) -> None:
        place = scene.bundle / name
        place.write_bytes(change(place.read_bytes()))
        if name != "manifest.json":
            list_files(scene.bundle)

    return spoil


def text(change: Callable[[bytes], bytes]) -> Spoil:
    return document("manifest.json", change)


def again(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(old, new, 1)


def other_bundle(scene: Scene) -> None:
    """A bundle that is valid, with the statements about this one."""
    before, other = (
        hashlib.sha256(content).hexdigest() for content in ((scene.bundle / WEIGHTS).read_bytes(), OTHER)
    )
    (scene.bundle / WEIGHTS).write_bytes(OTHER)
    bom = scene.bundle / "bom.cdx.json"
    bom.write_text(bom.read_text().replace(before, other))
    list_files(scene.bundle)


def written_otherwise(scene: Scene) -> None:
    value = json.loads((scene.bundle / "manifest.json").read_text())
    (scene.bundle / "manifest.json").write_text(json.dumps(value, indent=1))


def dropped(scene: Scene) -> None:
    (scene.bundle / "toolchain.json").unlink()
    list_files(scene.bundle)


def from_another_place(scene: Scene) -> None:
    """Statements of the bundle in a folder beside it, whose one file differs."""
    write_bundle(scene.bundle)
    (scene.bundle / "code" / "network.py").write_bytes(b"CLASSES = 11\n")
    list_files(scene.bundle)


REPLAYED = (Reason.WRONG_SUBJECT,)
DECLARED = [
    ("document-dropped", "toolchain.json is gone, from the manifest too", Reason.MISSING_FILE, dropped),
    ("manifest-bit", "one digit of a digest is changed", Reason.CONTENTS_DIFFER, weights(sha256="00" * 32)),
    (
        "manifest-size",
        "a size is one byte more",
        Reason.CONTENTS_DIFFER,
        changed(lambda m: m["files"][-1].update(size=11)),
    ),
    ("manifest-size-true", "a size is true", INVALID, weights(size=True)),
    ("manifest-size-negative", "a size is below zero", INVALID, weights(size=-1)),
    (
        "manifest-size-digits",
        "a size has 5,000 digits",
        INVALID,
        text(again(b'"size": ', b'"size": ' + b"1" * 5000)),
    ),
    ("manifest-digest-capitals", "a digest is in capitals", INVALID, weights(sha256="AB" * 32)),
    ("manifest-digest-line", "a digest ends in a new line", INVALID, weights(sha256="ab" * 32 + "\n")),
    ("manifest-escape", "the manifest lists ../../etc/passwd", NAME, path("../../etc/passwd")),
    ("manifest-absolute", "the manifest lists /etc/passwd", NAME, path("/etc/passwd")),
    ("manifest-dot", "the manifest lists ./data.json beside data.json", NAME, path("./data.json")),
    ("manifest-double-slash", "the manifest lists code//network.py", NAME, path("code//network.py")),
    ("manifest-nothing", "the manifest lists a file without a name", NAME, path("")),
    ("manifest-nul", "the manifest lists a name with NUL in it", NAME, path("code/network.py\0.txt")),
    (
        "manifest-bidi",
        "the manifest lists a name that turns the direction of writing",
        NAME,
        path("code/\u202egpj.py"),
    ),
    ("manifest-surrogate", "the manifest lists half a character", INVALID, path("\ud800")),
    (
        "manifest-long",
        "the manifest lists a path of a million folders",
        Reason.MISSING_FILE,
        path("a/" * 10**6 + "a"),
    ),
    ("manifest-folder", "the manifest lists a folder", Reason.MISSING_FILE, path("code")),
    ("manifest-itself", "the manifest lists itself", INVALID, path("manifest.json")),
    (
        "manifest-twice",
        "the manifest lists the weights twice",
        INVALID,
        changed(lambda m: m["files"].append(dict(m["files"][-1]))),
    ),
    (
        "manifest-not-listed",
        "the manifest does not list the weights",
        Reason.EXTRA_FILE,
        changed(lambda m: m["files"].pop()),
    ),
    ("manifest-empty-list", "the manifest lists nothing", INVALID, changed(lambda m: m.update(files=[]))),
    (
        "manifest-unknown-member",
        "the manifest has a member that the format has not",
        INVALID,
        changed(lambda m: m.update(trusted=True)),
    ),
    ("manifest-unknown-member-of-file", "a listed file has one", INVALID, weights(executable=True)),
    (
        "manifest-other-schema",
        "the manifest is of another version",
        INVALID,
        changed(lambda m: m.update(schema="samebits/manifest/v2")),
    ),
    (
        "manifest-name",
        "the model's name would clear the terminal",
        INVALID,
        changed(lambda m: m.update(name="\x1b[2J")),
    ),
    ("manifest-list", "the manifest is a list", INVALID, text(lambda _: b"[]")),
    ("manifest-emptied", "the manifest is empty", INVALID, text(lambda _: b"")),
    ("manifest-truncated", "half of the manifest is missing", INVALID, text(lambda c: c[: len(c) // 2])),
    (
        "manifest-duplicate-key",
        "the manifest has a key twice",
        INVALID,
        text(again(b'"name"', b'"name": "x", "name"')),
    ),
    ("manifest-not-a-number", "a size is NaN", INVALID, text(again(b'"size": ', b'"size": NaN, "x": '))),
    (
        "manifest-byte-order-mark",
        "the manifest begins with a byte order mark",
        INVALID,
        text(lambda c: b"\xef\xbb\xbf" + c),
    ),
    ("manifest-utf-16", "the manifest is UTF-16", INVALID, text(lambda c: c.decode().encode("utf-16"))),
    ("manifest-not-utf-8", "the manifest is not UTF-8", INVALID, text(again(b'"tiny"', b'"tiny\xff"'))),
    (
        "manifest-deep-nesting",
        "the manifest is 100,000 lists in each other",
        INVALID,
        text(lambda _: b"[" * 100_000),
    ),
    (
        "metrics-deep-nesting",
        "metrics.json is deeper than what it is shown with",
        INVALID,
        document("metrics.json", again(b"0.5", b"[" * 940 + b"]" * 940)),
    ),
    (
        "metrics-other-form",
        "metrics.json is not in its form",
        INVALID,
        document("metrics.json", again(b"scalars", b"numbers")),
    ),
    (
        "toolchain-duplicate-key",
        "toolchain.json has a key twice",
        INVALID,
        document("toolchain.json", again(b'"name"', b'"name": "x", "name"')),
    ),
    (
        "manifest-missing",
        "manifest.json is missing",
        INVALID,
        lambda scene: (scene.bundle / "manifest.json").unlink(),
    ),
]
ATTACKS = [Attack(name=n, what=w, reason=r, spoil=s) for n, w, r, s in DECLARED] + [
    Attack(
        name="replayed",
        what="the statements are about a bundle with other weights",
        spoil=other_bundle,
        reason=Reason.CONTENTS_DIFFER,
        also=REPLAYED,
    ),
    Attack(
        name="replayed-on-other-code",
        what="they are about a bundle with other code",
        spoil=from_another_place,
        reason=Reason.CONTENTS_DIFFER,
        also=REPLAYED,
    ),
    Attack(
        name="manifest-written-otherwise",
        what="the manifest says the same with other spaces",
        spoil=written_otherwise,
        reason=Reason.CONTENTS_DIFFER,
        also=REPLAYED,
    ),
]
