"""Temporary folders under the user's cache that never outlive a crash: the next run sweeps what is left."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "staging-"


def cache_root() -> Path:
    """Returns the folder for downloads in progress (XDG_CACHE_HOME/samebits), made if missing."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    root = Path(base) / "samebits"
    root.mkdir(parents=True, exist_ok=True)
    return root


@contextmanager
def staging() -> Iterator[Path]:
    """Yields an empty folder and removes it afterwards; folders whose owner died are removed first."""
    root = cache_root()
    sweep(root)
    unowned = Path(tempfile.mkdtemp(prefix="new-", dir=root))
    with (unowned / ".owner").open("w") as owner:
        fcntl.flock(owner, fcntl.LOCK_EX)
        # Only a folder that is already held gets the name that sweep() looks for.
        folder = unowned.rename(root / f"{PREFIX}{unowned.name}")
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep(root: Path) -> None:
    """Removes the folders under `root` that no living process holds."""
    for folder in root.glob(PREFIX + "*"):
        try:
            with (folder / ".owner").open("w") as owner:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # held by a living process, or already gone
