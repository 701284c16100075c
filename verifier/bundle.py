"""Reads a bundle and holds every file against its manifest. Needs no Nix."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import cast

from verifier.bom.agreement import disagreement
from verifier.errors import BadInput
from verifier.schemas import BUNDLE, read_json

Listed = dict[str, object]
MANIFEST = "manifest.json"
WEIGHTS = "weights/"
# What `evaluate` may leave so that others see that they load the weights right, and how its outputs are called.
GOLDEN, OUTPUT = "golden.safetensors", "output."
# Parts that every bundle has, by the name of their schema: NAME.schema.json.
DOCUMENTS = {
    "bom": "bom.cdx.json",
    "data": "data.json",
    "metrics": "metrics.json",
    "toolchain": "toolchain.json",
}
# A store path is 32 characters of Nix's base-32 alphabet behind the store's folder.
STORE_PATH = re.compile(rb"/nix/store/[0-9a-df-np-sv-z]{32}")
OVERLAP_BYTES = 64
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A bundle as its manifest describes it; `problems` says, a line each, where the files differ from that."""

    name: str
    version: str
    identifier: str
    file_count: int
    problems: tuple[str, ...]
    store_paths: tuple[str, ...]


def read_bundle(folder: Path) -> Bundle:
    """Reads the bundle at `folder` and hashes every file.

    The identifier is `<name>-<version>-<first 12 hex digits of the sha256 of manifest.json>`.

    Raises:
        BadInput: there is no manifest, or it does not match its schema, or a document does not, or the bill of
            materials and the other documents differ.
    """
    manifest = read_json(folder / MANIFEST, BUNDLE / "manifest.schema.json")
    listed = {str(e["path"]): e for e in cast(list[Listed], manifest["files"])}
    if len(listed) != len(cast(list[object], manifest["files"])):
        raise BadInput(f"{folder / MANIFEST} lists a path twice", advice="Build the bundle again.")
    for path in listed:
        _refuse_escape(path)
    problems, tied = _examine(folder, listed)
    if not problems:
        _read_documents(folder, manifest, listed)
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    return Bundle(
        name=str(manifest["name"]),
        version=str(manifest["version"]),
        identifier=f"{manifest['name']}-{manifest['version']}-{digest[:12]}",
        file_count=len(listed),
        problems=tuple(problems),
        store_paths=tuple(tied),
    )


def _read_documents(folder: Path, manifest: Mapping[str, object], listed: Mapping[str, Listed]) -> None:
    documents = {
        name: read_json(folder / file, BUNDLE / f"{name}.schema.json") for name, file in DOCUMENTS.items()
    }
    weights = {path: str(entry["sha256"]) for path, entry in listed.items() if path.startswith(WEIGHTS)}
    wrong = disagreement(str(manifest["name"]), str(manifest["version"]), documents, weights)
    if wrong is not None:
        raise BadInput(f"{folder / DOCUMENTS['bom']}{wrong}", advice="Build the bundle again.")


def _refuse_escape(path: str) -> None:
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or str(PurePosixPath(path)) != path or path == MANIFEST:
        raise BadInput(f"the manifest lists the path {path!r}", advice="Paths must stay inside the bundle.")


def _examine(folder: Path, listed: Mapping[str, Listed]) -> tuple[list[str], list[str]]:
    found = {path.relative_to(folder).as_posix(): path for path in sorted(_entries(folder))}
    found.pop(MANIFEST, None)
    problems = [f"{path}: listed, but missing" for path in listed if path not in found]
    tied = [MANIFEST] if STORE_PATH.search((folder / MANIFEST).read_bytes()) else []
    for path, place in found.items():
        if path not in listed:
            problems.append(f"{path}: extra, not in the manifest")
        elif place.is_symlink() or not place.is_file():
            problems.append(f"{path}: not a plain file")
        else:
            size, digest, names_store = _read(place)
            tied += [path] if names_store else []
            if (size, digest) != (listed[path]["size"], listed[path]["sha256"]):
                problems.append(f"{path}: has other bytes than the manifest says")
    return sorted(problems), tied


def _entries(folder: Path) -> Iterator[Path]:
    """Yields all that is below `folder` and is no folder; not recursive, however deep it goes."""
    waiting = [folder]
    while waiting:
        for entry in os.scandir(waiting.pop()):
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            else:
                yield path


def _read(path: Path) -> tuple[int, str, bool]:
    """Returns size, sha256 and whether the bytes hold a store path, in one pass."""
    digest, size, names_store, tail = hashlib.sha256(), 0, False, b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            names_store = names_store or STORE_PATH.search(tail + chunk) is not None
            tail = chunk[-OVERLAP_BYTES:]
    return size, digest.hexdigest(), names_store
