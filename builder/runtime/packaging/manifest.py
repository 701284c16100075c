"""`manifest.json`: every file of a folder with its size and sha256."""

import hashlib
from pathlib import Path


def manifest(name: str, version: str, folder: Path) -> dict[str, object]:
    """Returns the manifest of `folder`: files in the order of their paths (POSIX, relative), sizes in bytes."""
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
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": path.relative_to(folder).as_posix(), "size": path.stat().st_size, "sha256": digest}
