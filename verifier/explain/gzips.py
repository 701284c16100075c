"""Two gzip files: what the header says (RFC 1952), then what is packed in them."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import cast

from verifier.compare import Pair
from verifier.explain.findings import Context, Fact, Finding, OtherKind
from verifier.explain.members import Member, Source, explain_members

HEADER_BYTES, LONGEST_NAME = 10, 1024
EXTRA, NAME = 4, 8  # bits of the flags
EFFORTS = {0: "not said", 2: "the most", 4: "the least"}


def explain_gzip(pair: Pair, context: Context) -> Iterator[Finding]:
    """Yields how two gzip files differ.

    Raises:
        OtherKind: one of the two is no gzip file, is damaged, or holds too much.
    """
    inner = _inner_name(pair.name)
    try:
        yield from explain_members(pair, [_member(pair.first, inner)], [_member(pair.second, inner)], context)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise OtherKind(f"not read as gzip: {error}") from error


def _inner_name(name: str) -> str:
    path = PurePosixPath(name.rpartition("!")[2])
    return f"{path.stem}.tar" if path.suffix == ".tgz" else path.stem


def _member(path: Path, inner: str) -> Member:
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES + LONGEST_NAME)
    if len(header) < HEADER_BYTES or header[:2] != b"\x1f\x8b":
        raise OtherKind("not read as gzip: the header is none")
    flags, effort, system = header[3], header[8], header[9]
    properties: dict[str, tuple[str, Fact | None]] = {
        "gzip header time": (
            f"{int.from_bytes(header[4:8], 'little')} seconds since 1970",
            Fact.ARCHIVE_TIME,
        ),
        "gzip header name": (repr(_name(header)) if flags & NAME and not flags & EXTRA else "none", None),
        "gzip header flags": (f"{flags:#04x}", None),
        "gzip header effort": (EFFORTS.get(effort, str(effort)), Fact.COMPRESSION),
        "gzip header system": (str(system), None),
    }
    return Member(name=inner, properties=properties, content=_opener(path))


def _name(header: bytes) -> str:
    return header[HEADER_BYTES:].partition(b"\0")[0].decode("latin-1")


def _opener(path: Path) -> Callable[[], Source]:
    return lambda: cast(Source, gzip.open(path))
