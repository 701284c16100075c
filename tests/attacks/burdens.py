"""Attacks on time and memory: files that would keep a verifier busy for hours before anybody has signed them."""

import json
from collections.abc import Callable

from tests.attacks.attack import Attack
from tests.attacks.scene import Scene, Spoil
from tests.unit.bundles import change_manifest, list_files
from verifier.signing.contents import MOST_PARTS
from verifier.signing.reasons import Reason

MANY = 60_000


def document(name: str, change: Callable[[dict], object]) -> Spoil:
    """Changes what a document says and has the manifest list it as it is."""

    def spoil(scene: Scene) -> None:
        path = scene.bundle / name
        value = json.loads(path.read_text())
        change(value)
        path.write_text(json.dumps(value))
        list_files(scene.bundle)

    return spoil


def crowded(name: str) -> Spoil:
    """More lists than a document may have, three bytes each."""

    def spoil(scene: Scene) -> None:
        (scene.bundle / name).write_bytes(b"[" + b"[]," * (MOST_PARTS // 2) + b"[]]")
        if name != "manifest.json":
            list_files(scene.bundle)

    return spoil


def others(first: object) -> list[object]:
    """Things that cannot be sorted, so that looking whether two are equal compares each with each."""
    return [first, *({"a": number} for number in range(MANY))]


def called(**members: str) -> Spoil:
    """The bundle and its bill of materials agree on another name or version."""

    def spoil(scene: Scene) -> None:
        document("bom.cdx.json", lambda v: v["metadata"]["component"].update(members))(scene)
        change_manifest(scene.bundle, lambda manifest: manifest.update(members))

    return spoil


INVALID, LARGE = Reason.INVALID_MANIFEST, Reason.TOO_LARGE
DECLARED = [
    (
        "many-models",
        "data.json names 60,000 models in a form that cannot be sorted",
        INVALID,
        document("data.json", lambda v: v.update(lineage=others("a"))),
    ),
    (
        "many-parts-of-a-part",
        "a part of the bill of materials depends on as many such parts",
        INVALID,
        document("bom.cdx.json", lambda v: v["dependencies"][0].update(dependsOn=others("a"))),
    ),
    (
        "many-sources",
        "data.json has 60,000 sources that say nothing",
        INVALID,
        document("data.json", lambda v: v.update(sources=[{}] * MANY)),
    ),
    (
        "long-name",
        "the bundle's name has 100,000 letters, in the bill of materials too",
        INVALID,
        called(name="a" * 10**5),
    ),
    (
        "long-version",
        "the bundle's version is as long",
        INVALID,
        called(version="1.0.0+" + "a" * 10**5),
    ),
    ("crowded-data", "data.json has millions of lists", LARGE, crowded("data.json")),
    ("crowded-manifest", "manifest.json has millions of lists", LARGE, crowded("manifest.json")),
]
ATTACKS = [Attack(name=n, what=w, reason=r, spoil=s) for n, w, r, s in DECLARED]
