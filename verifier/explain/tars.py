"""Two tar files: what the header of each member says, then the content."""

import tarfile
from collections.abc import Callable, Iterator
from typing import cast

from verifier.compare import Pair
from verifier.explain.bounded import Bounded
from verifier.explain.findings import Context, Fact, Finding, OtherKind
from verifier.explain.members import MOST_MEMBERS, Member, Source, explain_members

TIME = "time"
# What tarfile raises on damaged archives; RecursionError of a chain of headers that say something of the next.
BROKEN = (
    tarfile.TarError,
    ValueError,
    OverflowError,
    EOFError,
    IndexError,
    KeyError,
    RecursionError,
    MemoryError,
)


def explain_tar(pair: Pair, context: Context) -> Iterator[Finding]:
    """Yields how two tar files differ.

    Raises:
        OtherKind: one of the two is no tar file, is damaged, or holds too much.
    """
    try:
        with (
            Bounded(pair.first) as a,
            Bounded(pair.second) as b,
            opened(a) as first,
            opened(b) as second,
        ):
            yield from explain_members(pair, members(first, a.size), members(second, b.size), context)
    except OtherKind:
        raise
    except BROKEN as error:
        raise OtherKind(f"not read as tar: {error}") from error


def opened(file: Bounded) -> tarfile.TarFile:
    """Opens a tar file that is not compressed."""
    return tarfile.open(fileobj=file, mode="r:")  # type: ignore[call-overload,no-any-return]


def members(archive: tarfile.TarFile, size: int) -> list[Member]:
    """Returns what the headers say, no more than MOST_MEMBERS + 1; the file has `size` bytes.

    Raises:
        tarfile.TarError, ValueError and others of BROKEN: it is damaged.
    """
    members: list[Member] = []
    end = 0
    while len(members) <= MOST_MEMBERS and (info := archive.next()) is not None:
        # A size below zero leads back to where the reader has been.
        if info.size < 0 or info.offset < end or info.offset_data > size:
            raise tarfile.ReadError("a header has an impossible size")
        end = info.offset_data
        members.append(_member(archive, info))
    return members


def _member(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    properties: dict[str, tuple[str, Fact | None]] = {
        TIME: (f"{info.mtime} seconds since 1970", Fact.ARCHIVE_TIME),
        "mode": (f"{info.mode:o}", Fact.MODE),
        "owner": (f"{info.uname}:{info.gname} ({info.uid}:{info.gid})", Fact.OWNER),
        "type": (info.type.decode("ascii", "backslashreplace"), None),
        "link": (repr(info.linkname), None),
        "further headers": (repr(sorted(info.pax_headers.items()))[:120], None),
    }
    content = _opener(archive, info) if info.isreg() else None
    return Member(name=info.name, properties=properties, content=content)


def _opener(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], Source]:
    return lambda: cast(Source, archive.extractfile(info))
