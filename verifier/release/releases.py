"""Reads and writes models/NAME/releases: a chain of files, each of which names the one before with its digest."""

import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from verifier.errors import BadInput
from verifier.release.canonical import readable, release_digest
from verifier.release.versions import increases, precedence
from verifier.report.target import replace_file
from verifier.schemas import OWN, mismatch, parse_json

SCHEMA = "samebits/release/v1"
SCHEMA_FILE = OWN / "release.schema.json"
FOLDER = "releases"
ENDING = ".json"
MOST_BYTES = 16 << 20
MOST_RELEASES = 10_000
FORMAT = re.compile(r"samebits/release/v([0-9]{1,9})")
AGAIN = "Take it from git again, or release a new version."

Document = Mapping[str, object]
# Says where a value does not match a schema, as `mismatch` does.
Hold = Callable[[object, Path], str | None]


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release as its file has it; `digest` is of everything else in the document."""

    version: str
    document: Document
    digest: str


def read_releases(folder: Path, model: str) -> tuple[Release, ...]:
    """Returns the releases of `model` in `folder`, the greatest version last; none where there is no folder.

    Raises:
        BadInput: a file is no release of that model, was edited, or does not follow from the one before.
    """
    if not os.path.lexists(folder):
        return ()
    found = [read_release(path, model) for path in release_files(folder)]
    releases = sorted(found, key=lambda release: precedence(release.version))
    _refuse_equal_rank(folder, releases)
    for before, release in zip((None, *releases), releases, strict=False):
        refuse_break(folder, release, before)
    return tuple(releases)


def refuse_decrease(version: str, releases: Sequence[Release]) -> None:
    """Returns if `version` is released, or greater than all that is.

    Raises:
        BadInput: it is neither.
    """
    if not releases or any(release.version == version for release in releases):
        return
    latest = releases[-1].version
    if not increases(version, latest):
        raise BadInput(
            f"version {version} does not increase: {latest} is released already",
            advice="Give model.nix a greater version.",
        )


def write_release(folder: Path, document: Document) -> Path:
    """Writes a release as `folder`/VERSION.json, beside first and then by rename, and returns where it lies.

    Raises:
        BadInput: it is no release, or its version is there already.
        OSError: the place cannot be written.
    """
    path = folder / f"{document.get('version')}{ENDING}"
    _refuse(path, document, str(document.get("name")))
    if os.path.lexists(path):
        raise BadInput(
            f"{path} is there already", advice="A release is never changed; give model.nix a new version."
        )
    folder.mkdir(exist_ok=True)
    replace_file(path, readable(document).encode("utf-8"))
    return path


def release_files(folder: Path) -> list[Path]:
    """Returns the files of a folder that are called as releases are, in the order of their names.

    Raises:
        BadInput: it is no plain folder, cannot be read, or holds too many.
    """
    try:
        if folder.is_symlink() or not folder.is_dir():
            raise BadInput(
                f"{folder} is no plain folder", advice="Make it a folder; it holds VERSION.json files."
            )
        names = [name for name in os.listdir(folder) if name.endswith(ENDING) and not name.startswith(".")]
    except OSError as error:
        raise BadInput(
            f"{folder} cannot be read: {error.strerror}", advice="Correct its permissions."
        ) from error
    if len(names) > MOST_RELEASES:
        raise BadInput(
            f"{folder} holds {len(names):,} releases; at most {MOST_RELEASES:,} are read",
            advice="Remove what is no release; a folder holds those of one model.",
        )
    return [folder / name for name in sorted(names)]


def read_release(path: Path, model: str, hold: Hold = mismatch) -> Release:
    """Returns one release of `model`; `hold` compares it with its schema.

    Raises:
        BadInput: it is none, or was edited.
    """
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            raise BadInput(f"{path} is not a plain file", advice=AGAIN)
        if found.st_size > MOST_BYTES:
            raise BadInput(f"{path} is larger than {MOST_BYTES >> 20} MiB, so it is no release", advice=AGAIN)
        value = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read as JSON: {error}", advice=AGAIN) from error
    document = value if isinstance(value, dict) else {}
    _refuse_newer(path, document.get("schema"))
    _refuse(path, value, model, hold)
    return Release(version=document["version"], document=document, digest=document["digest"])


def _refuse_newer(path: Path, schema: object) -> None:
    found = FORMAT.fullmatch(schema) if isinstance(schema, str) else None
    if found and int(found[1]) > 1:
        raise BadInput(
            f"{path} was written by a newer Samebits: its format is {schema}, and this one reads {SCHEMA}",
            advice="Use the Samebits that the repository states, or a newer one.",
        )


def _refuse(path: Path, value: object, model: str, hold: Hold = mismatch) -> None:
    """Returns if the value is a release of `model`, in the right file and as it was written."""
    wrong = hold(value, SCHEMA_FILE)
    if wrong is not None or not isinstance(value, dict):
        raise BadInput(f"{path}{wrong or ' holds no object'}", advice=AGAIN)
    sentence = _fault(path, value, model)
    if sentence is not None:
        raise BadInput(f"{path} {sentence}", advice=AGAIN)


def _fault(path: Path, document: Mapping[str, str], model: str) -> str | None:
    """Returns what is wrong with a document that matches the schema; or nothing."""
    name, version = document["name"], document["version"]
    if name != model:
        return f"is a release of {name}, and lies among those of {model}"
    if path.name != f"{version}{ENDING}":
        return f"holds the version {version}, so it must be called {version}{ENDING}"
    try:
        if release_digest(document) != document["digest"]:
            return "was edited by hand: its digest does not fit its content"
        date.fromisoformat(document["date"])
    except ValueError as error:
        return f"holds a value that no release has: {error}"
    if document["identifier"] != f"{name}-{version}-{document['manifest_sha256'][:12]}":
        return "states an identifier that does not follow from its manifest"
    return None


def _refuse_equal_rank(folder: Path, releases: Sequence[Release]) -> None:
    for before, release in pairwise(releases):
        if not increases(release.version, before.version):
            first, second = (f"{one.version}{ENDING}" for one in (before, release))
            raise BadInput(
                f"{folder} holds {first} and {second}, which do not increase over each other",
                advice="What stands behind a plus does not count; remove the one that was not released.",
            )


def refuse_break(folder: Path, release: Release, before: Release | None) -> None:
    """Returns if a release names the one before it; else a release was edited, removed or put between two.

    Raises:
        BadInput: it names another.
    """
    path, said = folder / f"{release.version}{ENDING}", release.document["previous"]
    expected = None if before is None else {"version": before.version, "digest": before.digest}
    if said == expected:
        return
    named = said["version"] if isinstance(said, dict) else "no release"
    if before is not None and named == before.version:
        broken = f"follows {named} with another digest than {before.version}{ENDING} has: that one was edited"
    else:
        there = "no other" if before is None else before.version
        broken = f"follows {named}, but {there} is the one before it: a release was removed, added or renamed"
    raise BadInput(f"{path} {broken}", advice="Take the folder from git again; releases are only ever added.")
