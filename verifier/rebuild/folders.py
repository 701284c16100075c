"""Where the verifier keeps things: working folders that never outlive a crash, and its records."""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "check-"
# How long killed builders are given to be gone.
ORPHANS_SECONDS = 5.0


def state_root() -> Path:
    """Returns the folder of records and kept differences (XDG_STATE_HOME/samebits)."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "samebits"


def cache_root() -> Path:
    """Returns the folder of second stores while they are in use (XDG_CACHE_HOME/samebits)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "samebits"


@contextmanager
def working_folder() -> Iterator[Path]:
    """Yields an empty folder and removes it afterwards; those whose owner died are removed first.

    A folder is held by a lock on its file `.owner`, and gets the name that others look for once it is held.
    """
    root = cache_root()
    root.mkdir(parents=True, exist_ok=True)
    for left in root.glob(PREFIX + "*"):
        _remove_if_free(left)
    unheld = Path(tempfile.mkdtemp(prefix="new-", dir=root))
    with (unheld / ".owner").open("w") as owner:
        fcntl.flock(owner, fcntl.LOCK_EX)
        folder = unheld.rename(root / f"{PREFIX}{unheld.name}")
        try:
            yield folder
        finally:
            remove_tree(folder)


def _remove_if_free(folder: Path) -> None:
    try:
        with (folder / ".owner").open("w") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _end_orphans(folder)
            remove_tree(folder)
    except OSError:
        return  # held by a living process, or already gone


def _end_orphans(folder: Path) -> None:
    """Kills the builders that outlived a killed Nix: each sees, in its sandbox, a part of `folder` mounted."""
    mark = f"/{folder.name}/"
    until = time.monotonic() + ORPHANS_SECONDS
    while orphans := [pid for pid in _processes() if mark in _mounts(pid)]:
        for pid in orphans:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > until:
            return
        time.sleep(0.05)


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _mounts(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # it has ended, or is somebody else's


def remove_tree(folder: Path) -> None:
    """Removes a tree in which, as in a Nix store, folders may be read-only.

    By chmod and rm, since Python's own ways recurse, and a build may leave folders deeper than its stack.
    """
    for command in (["chmod", "-R", "u+rwX", "--", str(folder)], ["rm", "-rf", "--", str(folder)]):
        subprocess.run(command, check=False, stderr=subprocess.DEVNULL)


def make_writable(folder: Path) -> None:
    """Gives a copy of a store path the modes of ordinary files: its owner may write, nobody else."""
    subprocess.run(["chmod", "-R", "u=rwX,go=rX", "--", str(folder)], check=True)


def copy_tree(source: Path, target: Path) -> None:
    """Copies a store path to `target`, beside first and then by rename; what was there is replaced."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".copy-", dir=target.parent))
    try:
        if source.is_dir():
            shutil.copytree(source, beside / "tree", symlinks=True)
        else:
            shutil.copy2(source, beside / "tree", follow_symlinks=False)
        if target.is_dir() and not target.is_symlink():
            remove_tree(target)
        if (beside / "tree").is_dir():
            (beside / "tree").chmod(0o755)  # a read-only folder cannot be renamed by its owner
        (beside / "tree").replace(target)
    finally:
        remove_tree(beside)
