"""The folders that lie in one that was named."""

import os
from pathlib import Path

from verifier.errors import BadInput


def folders_in(place: Path, *, advice: str) -> list[Path]:
    """Returns the folders in `place`, no links, in the order of names.

    Raises:
        BadInput: it is no folder, or cannot be read; `advice` says what to name.
    """
    try:
        found = sorted(entry.path for entry in os.scandir(place) if entry.is_dir(follow_symlinks=False))
    except OSError as error:
        raise BadInput(f"{place} cannot be read: {error.strerror}", advice=advice) from error
    return [Path(path) for path in found]
