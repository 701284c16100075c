"""Compares two file trees bit for bit and names what differs; of modes only executable or not, as in Nix."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from verifier import trace
from verifier.errors import BadInput

CHUNK_BYTES = 1 << 20

# Two places that are to be compared, and what they are called.
Pair: TypeAlias = tuple[Path, Path, str]


def compare_trees(first: Path, second: Path) -> list[str]:
    """Returns one line a difference, in the order of paths; an empty list means equal to the last bit.

    Raises:
        BadInput: one of the two does not exist or cannot be read.
    """
    for path in (first, second):
        if not os.path.lexists(path):
            raise BadInput(f"{path} does not exist", advice="Name two files or folders that exist.")
    try:
        return list(_differences(first, second, "."))
    except PermissionError as error:
        raise BadInput(f"{error.filename} cannot be read", advice="Correct its permissions.") from error


def _differences(first: Path, second: Path, name: str) -> Iterator[str]:
    # What is still to be said or compared, last first; a stack of our own goes deeper than Python's.
    waiting: list[str | Pair] = [(first, second, name)]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        else:
            waiting += reversed(list(_one(*item)))


def _one(first: Path, second: Path, name: str) -> Iterator[str | Pair]:
    a, b = first.lstat().st_mode, second.lstat().st_mode
    if stat.S_IFMT(a) != stat.S_IFMT(b):
        yield f"{name}: {_kind(a)} in the first, {_kind(b)} in the second"
    elif stat.S_ISDIR(a):
        yield from _in_folders(first, second, name)
    elif stat.S_ISLNK(a):
        # Not Path.readlink(), which takes "./run" and "run" for one.
        targets = os.readlink(first), os.readlink(second)
        if targets[0] != targets[1]:
            yield f"{name}: link to {targets[0]} in the first, to {targets[1]} in the second"
    elif stat.S_ISREG(a):
        yield from _in_files(first, second, name)
        if (a ^ b) & stat.S_IXUSR:
            yield f"{name}: executable in the {'first' if a & stat.S_IXUSR else 'second'} only"
    else:
        raise BadInput(f"{first} is neither file, folder nor link", advice="Compare plain trees of files.")


def _kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFLNK: "a link", stat.S_IFREG: "a file"}
    return kinds.get(stat.S_IFMT(mode), "a special file")


def _in_folders(first: Path, second: Path, name: str) -> Iterator[str | Pair]:
    a, b = set(os.listdir(first)), set(os.listdir(second))
    prefix = "" if name == "." else f"{name}/"
    for entry in sorted(a | b):
        if entry not in b:
            yield f"{prefix}{entry}: missing from the second"
        elif entry not in a:
            yield f"{prefix}{entry}: extra in the second"
        else:
            yield first / entry, second / entry, prefix + entry


def _in_files(first: Path, second: Path, name: str) -> Iterator[str]:
    sizes = first.stat().st_size, second.stat().st_size
    offset = _first_difference(first, second)
    if offset is None:
        return
    at = trace.parting(first, second, offset) if first.name == trace.STEPS else None
    if at is not None:
        yield f"{name}: {at}"
    elif sizes[0] != sizes[1]:
        yield f"{name}: {sizes[0]} bytes in the first, {sizes[1]} in the second; they part at byte {offset}"
    else:
        yield f"{name}: differs from byte {offset} of {sizes[0]} on"


def _first_difference(first: Path, second: Path) -> int | None:
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
