"""Hashes a file tree the way Nix does, in plain Python: nothing the store's database says is believed.

The NAR format is given in E. Dolstra, The Purely Functional Software Deployment Model (2006), figure 5.2.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from verifier.errors import BadInput

CHUNK_BYTES = 1 << 20

Node: TypeAlias = "Iterator[bytes | Node]"


def nar_sha256(path: Path) -> str:
    """Returns the sha256 (64 hex digits) of the NAR of the file, link or folder at `path`.

    Raises:
        BadInput: the tree holds a device, a socket or a FIFO.
        OSError: something cannot be read.
    """
    digest = hashlib.sha256()
    for piece in _pieces(os.fsencode(path)):
        digest.update(piece)
    return digest.hexdigest()


def _text(value: bytes) -> bytes:
    return len(value).to_bytes(8, "little") + value + bytes(-len(value) % 8)


def _texts(*values: str) -> bytes:
    return b"".join(_text(value.encode()) for value in values)


def _pieces(path: bytes) -> Iterator[bytes]:
    yield _texts("nix-archive-1")
    # Nodes hold nodes; a stack of our own goes deeper than Python's.
    open_nodes = [_node(path)]
    while open_nodes:
        piece = next(open_nodes[-1], None)
        if piece is None:
            open_nodes.pop()
        elif isinstance(piece, bytes):
            yield piece
        else:
            open_nodes.append(piece)


def _node(path: bytes) -> Node:
    """Yields the pieces of a node; for a node inside it, that node's own pieces as one item."""
    status = os.lstat(path)
    if stat.S_ISREG(status.st_mode):
        yield from _file(path, status)
    elif stat.S_ISDIR(status.st_mode):
        yield _texts("(", "type", "directory")
        for name in sorted(os.listdir(path)):
            yield _texts("entry", "(", "name") + _text(name) + _texts("node")
            yield _node(path + b"/" + name)
            yield _texts(")")
    elif stat.S_ISLNK(status.st_mode):
        yield _texts("(", "type", "symlink", "target") + _text(os.readlink(path))
    else:
        place = os.fsdecode(path)
        raise BadInput(f"{place} is neither file, folder nor link", advice="Compare plain trees of files.")
    yield _texts(")")


def _file(path: bytes, status: os.stat_result) -> Iterator[bytes]:
    yield _texts("(", "type", "regular")
    if status.st_mode & stat.S_IXUSR:
        yield _texts("executable", "")
    yield _texts("contents") + status.st_size.to_bytes(8, "little")
    left = status.st_size
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (names are bytes, as Nix sorts them)
        while left and (chunk := file.read(min(CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk
    if left:
        raise BadInput(f"{os.fsdecode(path)} shrank while it was read", advice="Let nothing write to it.")
    yield bytes(-status.st_size % 8)
