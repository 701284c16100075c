"""Compares two file trees bit for bit and names what differs; of modes only executable or not, as in Nix."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from verifier import trace
from verifier.errors import BadInput

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two places that are to be compared, and what they are called."""

    first: Path
    second: Path
    name: str


@dataclass(frozen=True, kw_only=True)
class Unlike:
    """One way in which a pair differs: in `words`, or in its content from the byte `offset` on."""

    pair: Pair
    words: str = ""
    offset: int | None = None


def behind_link(path: Path) -> Path:
    """Returns what a path leads to: Nix's `result` is a link, and whoever names it means that."""
    return path.resolve() if path.exists() else path


def compare_trees(first: Path, second: Path) -> list[str]:
    """Returns one line a difference, in the order of paths; an empty list means equal to the last bit.

    Raises:
        BadInput: one of the two does not exist or cannot be read.
    """
    return [f"{unlike.pair.name}: {_words(unlike)}" for unlike in differences(first, second)]


def differences(first: Path, second: Path) -> list[Unlike]:
    """Returns what differs in two trees, in the order of paths.

    Raises:
        BadInput: one of the two does not exist or cannot be read.
    """
    for path in (first, second):
        if not os.path.lexists(path):
            raise BadInput(f"{path} does not exist", advice="Name two files or folders that exist.")
    try:
        return list(_differences(Pair(first=first, second=second, name=".")))
    except PermissionError as error:
        raise BadInput(f"{error.filename} cannot be read", advice="Correct its permissions.") from error


def files_in_both(first: Path, second: Path) -> Iterator[Pair]:
    """Yields the plain files that lie at one place in both trees, in the order of paths; none of them is read.

    Raises:
        BadInput: a folder cannot be read.
    """
    waiting = [Pair(first=first, second=second, name=".")]
    while waiting:
        pair = waiting.pop()
        try:
            modes = pair.first.lstat().st_mode, pair.second.lstat().st_mode
            inner = list(_in_folders(pair)) if all(map(stat.S_ISDIR, modes)) else []
        except OSError as error:
            reason = f"{error.filename} cannot be read: {error.strerror}"
            raise BadInput(reason, advice="Correct its permissions.") from error
        waiting += reversed([one for one in inner if isinstance(one, Pair)])
        if all(map(stat.S_ISREG, modes)):
            yield pair


def _words(unlike: Unlike) -> str:
    if unlike.offset is None:
        return unlike.words
    first, second = unlike.pair.first, unlike.pair.second
    at = trace.parting(first, second, unlike.offset) if first.name == trace.STEPS else None
    return at or parting_bytes(unlike)


def parting_bytes(unlike: Unlike) -> str:
    """Returns from which byte on two files with other content differ, and how long they are."""
    sizes = unlike.pair.first.stat().st_size, unlike.pair.second.stat().st_size
    if sizes[0] != sizes[1]:
        return f"{sizes[0]} bytes in the first, {sizes[1]} in the second; they part at byte {unlike.offset}"
    return f"differs from byte {unlike.offset} of {sizes[0]} on"


def _differences(pair: Pair) -> Iterator[Unlike]:
    # What is still to be said or compared, last first; a stack of our own goes deeper than Python's.
    waiting: list[Unlike | Pair] = [pair]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Unlike):
            yield item
        else:
            waiting += reversed(list(_one(item)))


def _one(pair: Pair) -> Iterator[Unlike | Pair]:
    a, b = pair.first.lstat().st_mode, pair.second.lstat().st_mode
    if stat.S_IFMT(a) != stat.S_IFMT(b):
        yield Unlike(pair=pair, words=f"{_kind(a)} in the first, {_kind(b)} in the second")
    elif stat.S_ISDIR(a):
        yield from _in_folders(pair)
    elif stat.S_ISLNK(a):
        # Not Path.readlink(), which takes "./run" and "run" for one.
        targets = os.readlink(pair.first), os.readlink(pair.second)
        if targets[0] != targets[1]:
            yield Unlike(pair=pair, words=f"link to {targets[0]} in the first, to {targets[1]} in the second")
    elif stat.S_ISREG(a):
        offset = first_difference(pair.first, pair.second)
        if offset is not None:
            yield Unlike(pair=pair, offset=offset)
        if (a ^ b) & stat.S_IXUSR:
            which = "first" if a & stat.S_IXUSR else "second"
            yield Unlike(pair=pair, words=f"executable in the {which} only")
    else:
        raise BadInput(
            f"{pair.first} is neither file, folder nor link", advice="Compare plain trees of files."
        )


def _kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFLNK: "a link", stat.S_IFREG: "a file"}
    return kinds.get(stat.S_IFMT(mode), "a special file")


def _in_folders(pair: Pair) -> Iterator[Unlike | Pair]:
    a, b = set(os.listdir(pair.first)), set(os.listdir(pair.second))
    prefix = "" if pair.name == "." else f"{pair.name}/"
    for entry in sorted(a | b):
        inner = Pair(first=pair.first / entry, second=pair.second / entry, name=prefix + entry)
        if entry not in b:
            yield Unlike(pair=inner, words="missing from the second")
        elif entry not in a:
            yield Unlike(pair=inner, words="extra in the second")
        else:
            yield inner


def first_difference(first: Path, second: Path) -> int | None:
    """Returns the first byte that differs, counted from 0; None where the files are equal."""
    offset = 0
    with first.open("rb") as a, second.open("rb") as b:
        while True:
            left, right = a.read(CHUNK_BYTES), b.read(CHUNK_BYTES)
            if left != right:
                pairs = enumerate(zip(left, right, strict=False))
                return offset + next((i for i, (x, y) in pairs if x != y), min(len(left), len(right)))
            if not left:
                return None
            offset += len(left)
