"""Two zip files, npz and torch's .pt among them: what their directories say of each member, then the content."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import cast

from verifier.compare import Pair
from verifier.explain.bounded import Bounded
from verifier.explain.findings import Context, Fact, Finding, OtherKind, found
from verifier.explain.members import MOST_MEMBERS, Member, Source, explain_members

# What zipfile raises on archives that are damaged, encrypted, or packed in a way that it does not know.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    IndexError,
    MemoryError,
    KeyError,
)
COMPRESSIONS = {0: "none", 8: "deflate", 12: "bzip2", 14: "lzma"}


def explain_zip(pair: Pair, context: Context) -> Iterator[Finding]:
    """Yields how two zip files differ.

    Raises:
        OtherKind: one of the two is no zip file, is damaged or encrypted, or holds too much.
    """
    try:
        with (
            Bounded(pair.first) as a,
            Bounded(pair.second) as b,
            zipfile.ZipFile(a) as first,
            zipfile.ZipFile(b) as second,
        ):
            yield from _explain(pair, first, second, context)
    except OtherKind:
        raise
    except BROKEN as error:
        raise OtherKind(f"not read as zip: {error}") from error


def _explain(
    pair: Pair, first: zipfile.ZipFile, second: zipfile.ZipFile, context: Context
) -> Iterator[Finding]:
    lists = [[_member(z, info) for info in z.infolist()[: MOST_MEMBERS + 1]] for z in (first, second)]
    if first.comment != second.comment:
        sentence = f"{first.comment[:60]!r} in the first, {second.comment[:60]!r} in the second"
        yield found(pair, "comment", sentence)
    yield from explain_members(pair, lists[0], lists[1], context)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    properties: dict[str, tuple[str, Fact | None]] = {
        "time": ("{}-{:02}-{:02} {:02}:{:02}:{:02}".format(*info.date_time), Fact.ARCHIVE_TIME),
        "mode": (f"{info.external_attr >> 16:o}", Fact.MODE),
        "compression": (COMPRESSIONS.get(info.compress_type, str(info.compress_type)), Fact.COMPRESSION),
        "extra field": (info.extra[:40].hex() or "none", None),
        "written by system": (str(info.create_system), None),
        "comment": (repr(info.comment[:60]), None),
    }
    return Member(name=info.filename, properties=properties, content=_opener(archive, info))


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], Source]:
    return lambda: cast(Source, archive.open(info))
