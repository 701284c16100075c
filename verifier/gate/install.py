"""Puts the verified bytes where they are to be used: hashed while they are copied, whole or not at all, read-only.

1. Every file is opened without following links, and copied into a folder beside the target.
2. What was copied has the size and the sha256 that were verified: what changed since is refused.
3. Everything is on the disk before the folder takes its place, by one rename; a bundle that is there is exchanged.

Whoever admits what they install does so in turn: what is on record last is what is in place.
"""

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from uuid import uuid4

from verifier.bundle import MANIFEST
from verifier.errors import BadInput, CouldNotCheck
from verifier.report.target import exchange, resolved
from verifier.schemas import BUNDLE, read_json
from verifier.signing.contents import Contents
from verifier.signing.reasons import Reason, Refused
from verifier.signing.tree import GONE, File, open_plain, unreadable

CHUNK_BYTES = 1 << 20
FILE_MODE, FOLDER_MODE, OWN_MODE = 0o444, 0o555, 0o700
ELSEWHERE = "Name a folder that is not there yet, or one that was installed before."


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A verified copy beside its target."""

    copy: Path
    target: Path

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits until nobody else puts something beside or in place of the target, and keeps others waiting.

        Raises:
            BadInput: something else than a bundle is there by now.
            CouldNotCheck: the folder cannot be read.
        """
        try:
            above = os.open(self.target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise _failed(self.target, error) from error
        try:
            fcntl.flock(above, fcntl.LOCK_EX)
            _refuse_other(self.target)
            yield
        finally:
            os.close(above)

    def commit(self) -> None:
        """Lets the copy take the target's place, at once.

        Raises:
            BadInput: something else than a bundle has come there meanwhile; it is left alone.
            CouldNotCheck: it cannot be renamed.
        """
        try:
            if os.path.lexists(self.target):
                exchange(self.copy, self.target)
                if not _is_installed(self.copy):  # looked at now, when nobody can put another in its place
                    exchange(self.copy, self.target)
                    raise _taken(self.target)
            else:
                self.copy.rename(self.target)
            _sync(self.target.parent)
        except OSError as error:
            raise _failed(self.target, error) from error


@contextmanager
def staged(bundle: Path, contents: Contents, target: Path) -> Iterator[Stage]:
    """Yields a copy of the bundle's verified bytes beside `target`; what is not committed is removed.

    Raises:
        Refused: a file is not what was verified any more.
        BadInput: the target is something else than a bundle, or lies in the bundle.
        CouldNotCheck: there is no room, or no leave to write.
    """
    target = target.absolute()
    refuse_target_folder(target, bundle)
    _remove_abandoned(target)
    copy = target.with_name(f".{target.name}.installing-{uuid4().hex}")
    try:
        copy.mkdir(OWN_MODE)
        held = os.open(copy, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _failed(target, error) from error
    try:
        _fill(copy, held, bundle, contents, target)
        yield Stage(copy=copy, target=target)
    finally:
        _remove(copy)  # the bundle that was there before, after a commit
        os.close(held)


def refuse_target_folder(target: Path, bundle: Path) -> None:
    """Returns if a bundle can be installed there.

    Raises:
        BadInput: something else is there, or the target and the bundle lie in each other.
    """
    place, source = resolved(target), resolved(bundle)
    if place.is_relative_to(source) or source.is_relative_to(place):
        raise BadInput(f"{target} and {bundle} lie in each other", advice=ELSEWHERE)
    if not target.parent.is_dir():
        raise BadInput(f"{target.parent} is no folder", advice="Make the folder above the target first.")
    _refuse_other(target)


def _refuse_other(target: Path) -> None:
    """Returns if nothing is there, or a bundle that can be exchanged."""
    if os.path.lexists(target) and not _is_installed(target):
        raise _taken(target)


def _is_installed(place: Path) -> bool:
    return not place.is_symlink() and _is_bundle(place)


def _taken(target: Path) -> BadInput:
    return BadInput(f"{target} is there, and is no installed bundle", advice=ELSEWHERE)


def _fill(copy: Path, held: int, bundle: Path, contents: Contents, target: Path) -> None:
    """Copies all files; `held` is locked, so that another install does not take the folder for abandoned."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(held).st_nlink == 0:  # it was not locked yet, and another install took it for abandoned
            raise FileNotFoundError(errno.ENOENT, "another install removed it", str(copy))
        for path, file in contents.files.items():
            _copy(bundle, path, file, copy)
        _seal(copy)
    except OSError as error:
        raise _failed(target, error) from error


def _is_bundle(folder: Path) -> bool:
    """Returns whether a folder has the manifest of a bundle, and nothing that is not in it: all that is lost."""
    try:
        manifest = read_json(folder / MANIFEST, BUNDLE / "manifest.schema.json")
    except BadInput:
        return False
    listed = {str(one["path"]) for one in cast(Sequence[Mapping[str, object]], manifest["files"])}
    found = (Path(above, name) for above, _, names in os.walk(folder) for name in names)
    return {str(path.relative_to(folder)) for path in found} <= {MANIFEST, *listed}


def _copy(bundle: Path, path: str, verified: File, copy: Path) -> None:
    """Copies one file, and compares what was copied with what was verified."""
    place = copy / path
    place.parent.mkdir(mode=OWN_MODE, parents=True, exist_ok=True)
    changed = Refused(Reason.CHANGED, f"{path} changed after it was verified")
    try:
        source = open_plain(bundle / path)
    except OSError as error:
        raise (changed if error.errno in GONE else unreadable(bundle / path, error)) from error
    digest, left = hashlib.sha256(), verified.size
    with os.fdopen(source, "rb", buffering=0) as reading, place.open("xb", buffering=0) as writing:
        while chunk := reading.read(CHUNK_BYTES):
            left -= len(chunk)
            if left < 0:
                raise changed
            digest.update(chunk)
            _write(writing.fileno(), chunk)
        os.fchmod(writing.fileno(), FILE_MODE)
        os.fsync(writing.fileno())
    if left or digest.digest() != verified.sha256:
        raise changed


def _write(file: int, chunk: bytes) -> None:
    """Writes all of it: one call may write a part."""
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(file, rest) :]


def _seal(copy: Path) -> None:
    """Makes all folders read-only, and sees that their entries are on the disk."""
    for folder, _, _ in os.walk(copy, topdown=False):
        Path(folder).chmod(FOLDER_MODE)
        _sync(Path(folder))


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _remove_abandoned(target: Path) -> None:
    """Removes what installs that were killed have left."""
    for place in target.parent.iterdir():
        if not place.name.startswith(f".{target.name}.installing-"):
            continue
        with suppress(OSError):  # somebody installs into it just now
            held = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(place)
            finally:
                os.close(held)


def _remove(folder: Path) -> None:
    """Removes a folder whose folders are read-only, as far as that is allowed; never what a link leads to."""
    if folder.is_symlink():
        return
    for inner, _, _ in os.walk(folder):
        with suppress(OSError):
            Path(inner).chmod(OWN_MODE)
    shutil.rmtree(folder, ignore_errors=True)


def _failed(target: Path, error: OSError) -> CouldNotCheck:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return CouldNotCheck(f"the disk of {target} is full", advice="Make room, and verify it again.")
    return CouldNotCheck(
        f"{target} cannot be written: {error.strerror}", advice="Correct the permissions, or name another."
    )
