"""Reads a folder of plain files strictly, and hashes all of them side by side.

1. Every entry is a folder that holds something or a plain file, with a safe name and mode, of one name on disk.
2. Every file is opened without following links, is the one that was seen, and is hashed.
3. Afterwards the folder is read again: an entry that came, went or changed meanwhile is refused.
"""

import errno
import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from verifier.errors import BadInput, CouldNotCheck
from verifier.signing.reasons import Reason, Refused
from verifier.signing.watch import Watch

CHUNK_BYTES = 1 << 20
DEEPEST, MOST_FILES, LONGEST_NAME, LONGEST_PATH = 32, 1_000_000, 255, 1024
# What opening an entry gives that was there a moment ago: it is gone, or a link, a socket or a file now.
GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO, errno.ESTALE}
# Files of this size are worth a thread of their own.
LARGE_BYTES = 1 << 20
# Device, inode, kind and mode, links, size, and both times: what a change of an entry changes.
Seen: TypeAlias = tuple[int, int, int, int, int, int, int]
# What nearly all names are like.
PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}[A-Za-z0-9_-]|[A-Za-z0-9_]")
# What Windows takes for a device, in every folder and with any extension.
DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.IGNORECASE)
# Letters and marks that Python prints and nobody sees (Default_Ignorable_Code_Point of Unicode).
UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# Nix gives several names to equal files there (auto-optimise-store), which nobody but root can write.
STORE = "/nix/store/"


@dataclass(frozen=True, kw_only=True)
class File:
    """A plain file that was read: its size in bytes and its sha256."""

    size: int
    sha256: bytes


def read_tree(folder: Path, watch: Watch | None = None) -> dict[str, File]:
    """Returns all files below `folder` by their path (POSIX, relative), in the order of paths.

    `watch` is told how far it is; where that is stopped, it ends soon, with CancelledError.

    Raises:
        Refused: see the numbered steps above.
        BadInput: there is no such folder.
        CouldNotCheck: something cannot be read.
    """
    root = _root(folder)
    try:
        _refuse_entry(root, "", "bundle", Path(root).stat())
        before = dict(_entries(root, strictly=True))
        files = sorted(path for path, seen in before.items() if stat.S_ISREG(seen[2]))
        _refuse_names(before)
        digests = _hash_all(root, {path: before[path] for path in files}, watch or Watch())
        if dict(_entries(root, strictly=False)) != before:
            raise Refused(Reason.CHANGED, f"{folder} changed while it was read")
    except OSError as error:
        if error.errno in GONE:
            raise Refused(Reason.CHANGED, f"{folder} changed while it was read") from error
        raise unreadable(error.filename or folder, error) from error
    return {path: File(size=before[path][4], sha256=digests[path]) for path in files}


def unreadable(place: object, error: OSError) -> CouldNotCheck:
    """Returns the error for what is there and cannot be read."""
    return CouldNotCheck(f"{place} cannot be read: {error.strerror}", advice="Make it readable.")


def open_plain(place: str | Path) -> int:
    """Opens what was seen to be a plain file: a link in its place is not followed, a pipe not waited for.

    Raises:
        OSError: it cannot be opened.
    """
    return os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


def _root(folder: Path) -> str:
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "does not exist"
        raise BadInput(f"{folder} {what}", advice="Name the folder of a bundle.")
    return str(folder.resolve())


def _entries(root: str, *, strictly: bool) -> Iterator[tuple[str, Seen]]:
    """Yields every entry below `root` as it is; strictly, it refuses what does not belong into a bundle."""
    waiting = [""]
    count = 0
    while waiting:
        above = waiting.pop()
        empty = True
        with os.scandir(os.path.join(root, above)) as entries:  # noqa: PTH118
            for entry in entries:
                empty = False
                count += 1
                if count > MOST_FILES:
                    raise Refused(Reason.TOO_LARGE, f"it has more than {MOST_FILES} entries")
                path = f"{above}/{entry.name}" if above else entry.name
                status = entry.stat(follow_symlinks=False)
                if strictly:
                    _refuse_entry(root, path, entry.name, status)
                if stat.S_ISDIR(status.st_mode):
                    waiting.append(path)
                yield path, _seen(status)
        if empty and strictly:
            raise Refused(Reason.EXTRA_FILE, f"the folder {above or '.'!r} is empty")


def _seen(status: os.stat_result) -> Seen:
    mode, links = status.st_mode, status.st_nlink
    return (
        *(status.st_dev, status.st_ino, mode, links),
        *(status.st_size, status.st_mtime_ns, status.st_ctime_ns),
    )


def _refuse_entry(root: str, path: str, name: str, status: os.stat_result) -> None:
    mode = status.st_mode
    if not safe(name) or path.count("/") >= DEEPEST or len(os.fsencode(path)) > LONGEST_PATH:
        raise Refused(
            Reason.UNSAFE_NAME, f"it has the entry {path[-LONGEST_NAME:]!a}, whose name is not safe"
        )
    if stat.S_ISLNK(mode):
        raise Refused(Reason.LINK, f"{path} is a symbolic link")
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        raise Refused(Reason.SPECIAL_FILE, f"{path} is neither a file nor a folder")
    special = stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX
    runs = mode & 0o111 and stat.S_ISREG(mode)
    if mode & (special | stat.S_IWOTH) or runs:
        raise Refused(Reason.UNSAFE_MODE, f"{path or 'the folder'} has the mode {stat.S_IMODE(mode):04o}")
    if stat.S_ISREG(mode) and status.st_nlink > 1 and not root.startswith(STORE):
        raise Refused(Reason.LINK, f"{path} is a hard link: it has {status.st_nlink} names")


def safe(name: str) -> bool:
    """Returns whether the name of an entry is text that everybody reads alike and any system can hold."""
    if PLAIN.fullmatch(name):
        return DEVICE.match(name) is None
    return (
        name.isprintable()  # no control, no bidirectional override, nothing that is no text
        and name not in ("", ".", "..")
        and len(os.fsencode(name)) <= LONGEST_NAME
        and not any(character in name for character in '/\\:*?"<>|')
        and DEVICE.match(name) is None
        and UNSEEN.search(name) is None
        and name == name.strip(" ").rstrip(".")
        and (name.isascii() or unicodedata.normalize("NFC", name) == name)
    )


def _refuse_names(entries: dict[str, Seen]) -> None:
    """Refuses two names that are one where case or composition does not count."""
    folded: dict[str, str] = {}
    for path in entries:
        name = unicodedata.normalize("NFKC", path).casefold()
        same = folded.setdefault(unicodedata.normalize("NFKC", name), path)
        if same != path:
            raise Refused(Reason.UNSAFE_NAME, f"{same} and {path} are one name on some systems")


def _hash_all(root: str, files: dict[str, Seen], watch: Watch) -> dict[str, bytes]:
    """Hashes large files a thread each, the largest first, and small ones in groups."""
    watch.expect(sum(seen[4] for seen in files.values()))
    workers = len(os.sched_getaffinity(0))
    large = sorted((p for p in files if files[p][4] >= LARGE_BYTES), key=lambda p: -files[p][4])
    small = [path for path in files if files[path][4] < LARGE_BYTES]
    groups = [[path] for path in large] + [small[i::workers] for i in range(workers) if small[i::workers]]

    def hashed(group: list[str]) -> list[tuple[str, bytes]]:
        buffer = memoryview(bytearray(CHUNK_BYTES))
        return [(path, _hash(f"{root}/{path}", path, files[path], buffer, watch)) for path in group]

    with ThreadPoolExecutor(workers) as pool:
        try:
            return dict(pair for pairs in pool.map(hashed, groups) for pair in pairs)
        except BaseException:
            watch.stop()
            pool.shutdown(cancel_futures=True)
            raise


def _hash(place: str, path: str, seen: Seen, buffer: memoryview, watch: Watch) -> bytes:
    """Returns the sha256 of the file that was seen."""
    digest, left = hashlib.sha256(), seen[4]
    file = open_plain(place)
    try:
        if _seen(os.fstat(file)) != seen:
            raise Refused(Reason.CHANGED, f"{path} changed while the folder was read")
        while count := os.readv(file, [buffer]):
            left -= count
            if left < 0:  # whoever writes faster than we read would keep us for ever
                break
            digest.update(buffer[:count])
            watch.read(count)
        if left or _seen(os.fstat(file)) != seen:
            raise Refused(Reason.CHANGED, f"{path} changed while it was read")
    finally:
        os.close(file)
    return digest.digest()
