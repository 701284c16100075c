"""`manifest.json`: every file of a folder with its size and sha256."""

import hashlib
from pathlib import Path

from builder.runtime.failure import BAD_INPUT, StepFailed


def manifest(name: str, version: str, folder: Path) -> dict[str, object]:
    """Returns the manifest of `folder`: files in the order of their paths (POSIX, relative), sizes in bytes.

    Raises:
        StepFailed: the name of a file is no plain text.
    """
    paths = sorted(
        (p for p in folder.rglob("*") if p.is_file()), key=lambda p: p.relative_to(folder).as_posix()
    )
    return {
        "schema": "samebits/manifest/v1",
        "name": name,
        "version": version,
        "files": [_entry(path, folder) for path in paths],
    }


def _entry(path: Path, folder: Path) -> dict[str, object]:
    name = path.relative_to(folder).as_posix()
    if not name.isprintable():  # what is not UTF-8 counts as not printable, too
        raise StepFailed(
            kind=BAD_INPUT,
            sentence=f"the name of the file {name!a} is not plain text",
            advice="Give the file a name of printable characters.",
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": name, "size": path.stat().st_size, "sha256": digest}
