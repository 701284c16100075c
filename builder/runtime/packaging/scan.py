"""Finds files that name a path of the Nix store, which would tie a bundle to one machine."""

import mmap
import re
from pathlib import Path

# A store path is 32 characters of Nix's base-32 alphabet behind the store's folder.
STORE_PATH = re.compile(rb"/nix/store/[0-9a-df-np-sv-z]{32}")


def files_with_store_paths(folder: Path) -> list[str]:
    """Returns the relative paths of files below `folder` whose bytes hold a store path, in order."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path.relative_to(folder).as_posix() for path in files if _names_one(path)]


def _names_one(path: Path) -> bool:
    if path.stat().st_size == 0:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return STORE_PATH.search(content) is not None
