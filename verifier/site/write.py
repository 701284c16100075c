"""Puts a site where it is to be served: whole or not at all, and never in place of what is no site of ours.

1. All pages are written into a folder beside the target, under a lock that no second writer gets.
2. The two names are exchanged at once; where a file system cannot do that, the old one steps aside first.
3. What was there before is removed. A folder that a killed writer left is taken over by the next.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from verifier.errors import BadInput, CouldNotCheck
from verifier.report.target import exchange, resolved

MARK = ".samebits-site"
MARKED = b"This folder is written by `verifier report site`, which replaces all of it.\n"
ELSEWHERE = "Name a folder that is not there yet, an empty one, or a site that was written before."
# What a file system answers that cannot exchange two names.
NO_EXCHANGE = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}
MOUNTED = {errno.EBUSY, errno.EXDEV}


def write_site(target: Path, pages: Iterable[tuple[str, str]]) -> None:
    """Writes pages, each a path below `target` and its text; what is there stays until all are written.

    Raises:
        BadInput: something else than a site is there, or the place cannot be written.
        CouldNotCheck: there is no room, or another process writes there.
    """
    place = refuse_site(target)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with _beside(place) as (beside, held):
            (beside / MARK).write_bytes(MARKED)
            for path, text in pages:
                file = beside / path
                file.parent.mkdir(parents=True, exist_ok=True)
                # A file's name need not be text, and a page may show one.
                file.write_bytes(text.encode("utf-8", errors="backslashreplace"))
            _put(beside, held, place)
    except OSError as error:
        raise _failed(target, error) from error


def refuse_site(target: Path) -> Path:
    """Returns where a site would be written, if it may be.

    Raises:
        BadInput: something else than a site is there, or it cannot be written.
    """
    place = resolved(target)
    if not place.name:
        raise BadInput(f"{target} is the root of all folders", advice=ELSEWHERE)
    try:
        if os.path.lexists(place) and not _is_ours(place):
            what = "is no folder" if not place.is_dir() else "holds something else than a site"
            raise BadInput(f"{target} {what}", advice=ELSEWHERE)
    except OSError as error:
        raise _failed(target, error) from error
    above = next(one for one in (place, *place.parents) if os.path.lexists(one))
    for one in (above, above.parent) if above == place else (above,):
        if not os.access(one, os.W_OK | os.X_OK):
            raise _failed(target, PermissionError(errno.EACCES, f"{one} is read-only for you"))
    return place


def _is_ours(place: Path) -> bool:
    return (
        not place.is_symlink() and place.is_dir() and ((place / MARK).is_file() or not any(place.iterdir()))
    )


@contextmanager
def _beside(place: Path) -> Iterator[tuple[Path, int]]:
    """Yields an empty folder beside `place` and the lock on it; it is removed unless it took that place."""
    beside = place.with_name(f".{place.name}.writing")
    beside.mkdir(exist_ok=True)
    held = os.open(beside, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _lock(held, beside)
        for inner in beside.iterdir():
            shutil.rmtree(inner) if inner.is_dir() and not inner.is_symlink() else inner.unlink()
        try:
            yield beside, held
        finally:
            if _is_held(held, beside):
                _remove(beside)
    finally:
        os.close(held)


def _lock(held: int, beside: Path) -> None:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise _busy(beside) from error
    if not _is_held(held, beside):  # it was exchanged or removed before the lock was given
        raise _busy(beside)
    if not _is_ours(beside):
        raise BadInput(f"{beside} holds something else than a site", advice="Take it away.")


def _busy(beside: Path) -> CouldNotCheck:
    what = f"another process writes to {beside}"
    return CouldNotCheck(what, advice="Wait for it, or name another folder.")


def _is_held(held: int, beside: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(held), beside.lstat())
    except OSError:
        return False


def _put(beside: Path, held: int, place: Path) -> None:
    """Lets the folder beside take its place, if it is still the one that was written to."""
    if not _is_held(held, beside):
        raise _busy(beside)
    if not os.path.lexists(place):
        beside.rename(place)
        return
    old = place.with_name(f".{place.name}.old")
    for one in (place, old):
        if os.path.lexists(one) and not _is_ours(one):
            raise BadInput(f"{one} holds something else than a site", advice="Take it away.")
    _remove(old)
    beside.chmod(place.stat().st_mode & 0o7777)
    try:
        exchange(beside, place)
        beside.rename(old)
    except OSError as error:
        if error.errno not in NO_EXCHANGE:
            raise
        _step_aside(beside, place, old)
    _remove(old)


def _step_aside(beside: Path, place: Path, old: Path) -> None:
    """Renames one after the other; for a moment there is nothing."""
    place.rename(old)
    try:
        beside.rename(place)
    except OSError:
        old.rename(place)
        raise


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _failed(target: Path, error: OSError) -> BadInput | CouldNotCheck:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return CouldNotCheck(f"the disk of {target} is full", advice="Make room, and write it again.")
    if error.errno in MOUNTED:
        return BadInput(
            f"{target} is a mounted disk, which has no name to replace", advice="Name a folder in it."
        )
    return BadInput(
        f"{target} cannot be written: {error.strerror}", advice="Name a folder in a folder of yours."
    )
