"""Attacks in which the right key signs all files, in the format of OpenSSF Model Signing, but not the bundle's."""

import hashlib
import json
from collections.abc import Callable

from tests.attacks.attack import Attack
from tests.attacks.scene import Scene, Spoil, claimed
from tests.unit.bundles import list_files, write_file
from verifier.signing.oms import by_parts
from verifier.signing.reasons import Reason

FORMAT = Reason.UNKNOWN_FORMAT
OTHER = "00" * 32


def way(**members: object) -> Spoil:
    """Says that the files were read in another way."""
    return claimed(lambda v: v["predicate"]["serialization"].update(members))


def listed(change: Callable[[list], object], *, in_order: bool = True) -> Spoil:
    """Changes the list, and lets the subject be the digest of it: nothing but the list is wrong."""

    def apply(value: dict) -> None:
        resources = value["predicate"]["resources"]
        change(resources)
        if in_order:
            resources.sort(key=lambda one: by_parts(str(one["name"])))
        digests = b"".join(bytes.fromhex(one["digest"]) for one in resources if _is_hex(one["digest"]))
        value["subject"][0]["digest"]["sha256"] = hashlib.sha256(digests).hexdigest()

    return claimed(apply)


def _is_hex(digest: object) -> bool:
    return isinstance(digest, str) and set(digest) <= set("0123456789abcdef")


def one(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "algorithm": "sha256", "digest": OTHER, **more}


def capitals(resources: list) -> None:
    resources[0]["digest"] = resources[0]["digest"].upper()


def names_swapped(resources: list) -> None:
    resources[1]["name"], resources[2]["name"] = resources[2]["name"], resources[1]["name"]


def git_in_the_bundle(scene: Scene) -> None:
    """A file that model_signing leaves out of its own accord: the manifest lists it, the signature does not."""
    write_file(scene.bundle, ".gitattributes", b"* filter=evil\n")
    list_files(scene.bundle)
    scene.sign_all()
    value = json.loads(scene.payload())
    resources = [r for r in value["predicate"]["resources"] if not r["name"].startswith(".git")]
    listed(lambda found: found.__setitem__(slice(None), resources))(scene)
    way(ignore_paths=[".git", ".gitattributes"])(scene)


DECLARED = [
    ("shards", "the files were hashed in shards", FORMAT, way(method="shards", shard_size=1)),
    ("blake2", "the files were hashed with BLAKE2", FORMAT, way(hash_type="blake2b")),
    ("symbolic-links-allowed", "the signer followed symbolic links", Reason.LINK, way(allow_symlinks=True)),
    (
        "symbolic-links-one",
        "the signer says 1 for whether links were followed",
        Reason.LINK,
        way(allow_symlinks=1),
    ),
    ("paths-ignored", "the signer left the weights out", Reason.IGNORED_PATHS, way(ignore_paths=["weights"])),
    (
        "paths-ignored-nested",
        "what the signer left out is a list in a list",
        Reason.IGNORED_PATHS,
        way(ignore_paths=[["weights"]]),
    ),
    (
        "ignored-file-in-bundle",
        "the bundle has a file that model_signing leaves out",
        Reason.EXTRA_FILE,
        git_in_the_bundle,
    ),
    (
        "no-way-of-reading",
        "the signature does not say how files were read",
        FORMAT,
        claimed(lambda v: v["predicate"].pop("serialization")),
    ),
    ("unknown-way-of-reading", "it says more about that than the format has", FORMAT, way(follow=True)),
    ("nothing-listed", "the signature lists no file", Reason.EXTRA_FILE, listed(list.clear)),
    ("file-not-signed", "the signature does not list the weights", Reason.EXTRA_FILE, listed(list.pop)),
    (
        "file-signed-but-missing",
        "the signature lists a file that is not there",
        Reason.MISSING_FILE,
        listed(lambda r: r.append(one("z"))),
    ),
    (
        "file-signed-otherwise",
        "the signature has another digest of the weights",
        Reason.CONTENTS_DIFFER,
        listed(lambda r: r[-1].update(digest=OTHER)),
    ),
    (
        "names-swapped",
        "the signature has the names of two files swapped",
        Reason.CONTENTS_DIFFER,
        listed(names_swapped),
    ),
    ("file-twice", "the signature lists the weights twice", FORMAT, listed(lambda r: r.append(dict(r[-1])))),
    ("other-order", "the files are listed in another order", FORMAT, listed(list.reverse, in_order=False)),
    (
        "other-root",
        "the subject is not the digest of the list",
        Reason.WRONG_SUBJECT,
        claimed(lambda v: v["subject"][0]["digest"].update(sha256=OTHER)),
    ),
    (
        "path-escape",
        "the list has ../../etc/passwd in it",
        Reason.MISSING_FILE,
        listed(lambda r: r.append(one("../../etc/passwd"))),
    ),
    (
        "path-absolute",
        "the list has /etc/passwd in it",
        Reason.MISSING_FILE,
        listed(lambda r: r.append(one("/etc/passwd"))),
    ),
    (
        "path-dot",
        "a file is listed as ./data.json",
        Reason.MISSING_FILE,
        listed(lambda r: r[1].update(name="./data.json")),
    ),
    (
        "path-terminal",
        "a listed name would clear the terminal",
        Reason.MISSING_FILE,
        listed(lambda r: r.append(one("\x1b[2J"))),
    ),
    ("digest-capitals", "a digest is in capitals", FORMAT, listed(capitals)),
    ("digest-short", "a digest is too short", FORMAT, listed(lambda r: r[-1].update(digest="00"))),
    (
        "digest-other-algorithm",
        "a file is signed by its SHA-512",
        FORMAT,
        listed(lambda r: r[-1].update(algorithm="sha512")),
    ),
    (
        "resource-unknown-member",
        "a listed file has a member that the format has not",
        FORMAT,
        listed(lambda r: r[-1].update(size=1)),
    ),
    (
        "resource-number",
        "a listed file has a number for its name",
        FORMAT,
        listed(lambda r: r[-1].update(name=1)),
    ),
]
ATTACKS = [Attack(name=n, what=w, reason=r, spoil=s) for n, w, r, s in DECLARED]
