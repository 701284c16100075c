"""A bundle as a gate reads it: the folder strictly, every file hashed once, and the manifest held against it."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from verifier.bom.agreement import disagreement
from verifier.bundle import DOCUMENTS, MANIFEST, WEIGHTS
from verifier.schemas import BUNDLE, load_schema, mismatch, mismatch_with, parse_json, parts
from verifier.signing.envelope import Json
from verifier.signing.oms import is_sha256, root_digest
from verifier.signing.reasons import Reason, Refused
from verifier.signing.tree import GONE, MOST_FILES, File, open_plain, read_tree, safe, unreadable
from verifier.signing.watch import Watch

MOST_BYTES = 256 << 20
# A line of the manifest has four; documents have fewer files and more members.
MOST_PARTS = 5 * MOST_FILES
# Of name and version, which become the identifier that people read.
LONGEST = 128


@dataclass(frozen=True, kw_only=True)
class Contents:
    """A bundle whose files are what its manifest lists.

    `root` is the digest (hex) that stands for all files (oms.py), `manifest` the sha256 of manifest.json, and
    `documents` the parsed JSON files by name.
    """

    name: str
    version: str
    files: Mapping[str, File]
    root: str
    manifest: str
    documents: Mapping[str, Json]

    @property
    def identifier(self) -> str:
        """`<name>-<version>-<first 12 hex digits of the manifest's sha256>`."""
        return f"{self.name}-{self.version}-{self.manifest[:12]}"

    @property
    def size(self) -> int:
        """All files together, in bytes."""
        return sum(file.size for file in self.files.values())


def read_contents(folder: Path, watch: Watch | None = None) -> Contents:
    """Reads the bundle at `folder`; `watch` is as in tree.py.

    Raises:
        Refused: the folder holds something that no bundle holds, or it is not what its manifest lists.
        BadInput: there is no such folder.
        CouldNotCheck: something cannot be read.
    """
    files = read_tree(folder, watch)
    if MANIFEST not in files:
        raise Refused(Reason.INVALID_MANIFEST, f"there is no {MANIFEST}")
    manifest = _document(folder, MANIFEST, files)
    _hold_against(files, _listed(manifest, files))
    documents = _documents(folder, manifest, files)
    return Contents(
        name=str(manifest["name"]),
        version=str(manifest["version"]),
        files=files,
        root=root_digest(files),
        manifest=files[MANIFEST].sha256.hex(),
        documents=documents,
    )


def _documents(folder: Path, manifest: Json, files: Mapping[str, File]) -> dict[str, Json]:
    documents = {name: _document(folder, file, files) for name, file in DOCUMENTS.items()}
    for name, value in documents.items():
        wrong = mismatch(value, BUNDLE / f"{name}.schema.json")
        if wrong is not None:
            raise Refused(Reason.INVALID_MANIFEST, f"{DOCUMENTS[name]}{wrong}")
    weights = {path: file.sha256.hex() for path, file in files.items() if path.startswith(WEIGHTS)}
    wrong = disagreement(str(manifest["name"]), str(manifest["version"]), documents, weights)
    if wrong is not None:
        raise Refused(Reason.INVALID_MANIFEST, f"{DOCUMENTS['bom']}{wrong}")
    return documents


def _document(folder: Path, name: str, files: Mapping[str, File]) -> Json:
    """Parses a file from the very bytes that were hashed."""
    if name not in files:
        raise Refused(Reason.MISSING_FILE, f"there is no {name}")
    if files[name].size > MOST_BYTES:
        raise Refused(Reason.TOO_LARGE, f"{name} has more than {MOST_BYTES >> 20} MiB")
    content = read_again(folder, name, files[name])
    if parts(content) > MOST_PARTS:
        raise Refused(Reason.TOO_LARGE, f"{name} has more than {MOST_PARTS} parts")
    try:
        value = parse_json(content.decode("utf-8"))
    except ValueError as error:
        raise Refused(Reason.INVALID_MANIFEST, f"{name} cannot be read as JSON: {error}") from error
    if not isinstance(value, dict):
        raise Refused(Reason.INVALID_MANIFEST, f"{name} is no JSON object")
    return value


def read_again(folder: Path, name: str, hashed: File) -> bytes:
    """Returns the very bytes of a file that were hashed.

    Raises:
        Refused: they have changed since.
        CouldNotCheck: it cannot be read.
    """
    try:
        with os.fdopen(open_plain(folder / name), "rb") as file:
            content = file.read(hashed.size + 1)
    except OSError as error:
        if error.errno in GONE:
            raise Refused(Reason.CHANGED, f"{name} changed while the folder was read") from error
        raise unreadable(folder / name, error) from error
    if hashlib.sha256(content).digest() != hashed.sha256:
        raise Refused(Reason.CHANGED, f"{name} changed while the folder was read")
    return content


def _listed(manifest: Json, files: Mapping[str, File]) -> dict[str, tuple[object, object]]:
    """Returns what the manifest lists; its schema is held against all but the list, which may be long."""
    schema = load_schema(BUNDLE / "manifest.schema.json")
    properties = cast(Json, schema["properties"])
    properties["files"] = {"type": "array", "minItems": 1}
    wrong = mismatch_with(manifest, schema)
    if wrong is not None:
        raise Refused(Reason.INVALID_MANIFEST, f"{MANIFEST}{wrong}")
    if any(len(str(manifest[key])) > LONGEST for key in ("name", "version")):
        raise Refused(
            Reason.INVALID_MANIFEST, f"{MANIFEST} has a name or a version of more than {LONGEST} letters"
        )
    listed: dict[str, tuple[object, object]] = {}
    for number, entry in enumerate(cast(Sequence[object], manifest["files"])):
        if not _is_entry(entry):
            raise Refused(
                Reason.INVALID_MANIFEST, f"{MANIFEST} at files/{number}: it is no path, size and sha256"
            )
        path, size, sha256 = (cast(Json, entry)[key] for key in ("path", "size", "sha256"))
        if path in listed or path == MANIFEST:
            raise Refused(Reason.INVALID_MANIFEST, f"{MANIFEST} lists {path!a} twice, or itself")
        if path not in files and not all(safe(part) for part in str(path).split("/")):
            raise Refused(
                Reason.UNSAFE_NAME, f"the manifest lists {str(path)[:200]!a}, which is no safe path"
            )
        listed[str(path)] = (size, sha256)
    return listed


def _is_entry(entry: object) -> bool:
    if not isinstance(entry, dict) or entry.keys() != {"path", "size", "sha256"}:
        return False
    path, size, sha256 = entry["path"], entry["size"], entry["sha256"]
    return isinstance(path, str) and type(size) is int and size >= 0 and is_sha256(sha256)


def _hold_against(files: Mapping[str, File], listed: Mapping[str, tuple[object, object]]) -> None:
    for path in listed:
        if path not in files:
            raise Refused(Reason.MISSING_FILE, f"{path} is in the manifest, but missing")
    for path, file in files.items():
        if path != MANIFEST and path not in listed:
            raise Refused(Reason.EXTRA_FILE, f"{path} is not in the manifest")
        if path != MANIFEST and listed[path] != (file.size, file.sha256.hex()):
            raise Refused(Reason.CONTENTS_DIFFER, f"{path} has other bytes than the manifest says")
