"""Whether a bundle is packed as one must be: no archive in it holds a time, and every part of it has a licence.

Times in plain text are what the variations of the clock find.
"""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from verifier.bom.spdx_licences import NOT_STATED
from verifier.bundle import MANIFEST
from verifier.explain.bounded import Bounded
from verifier.explain.members import MOST_MEMBERS
from verifier.explain.tars import BROKEN as BROKEN_TAR
from verifier.explain.tars import TIME, members, opened
from verifier.explain.zips import BROKEN as BROKEN_ZIP
from verifier.verdict import Row, Status

TIMES, LICENCES = "times", "licences"
GZIP_HEADER_BYTES, TAR_MAGIC_OFFSET = 10, 257
# A zip cannot say "no time": the first of January 1980, or the day before it began, is what numpy and torch write.
ZERO_DAYS = ((1980, 1, 1), (1980, 0, 0))
# Also what Nix gives every file, and what SOURCE_DATE_EPOCH is in a step (builder/profile.nix): 1980 again.
ZERO_SECONDS = (0, 1, 315532800)
Json = Mapping[str, object]


def times_row(bundle: Path) -> Row:
    """Returns the row that says whether a file of the bundle is an archive with a time of its own in it."""
    files = sorted(path for path in bundle.rglob("*") if path.is_file() and path != bundle / MANIFEST)
    found = [f"{path.relative_to(bundle).as_posix()}: {what}" for path in files for what in _times(path)]
    return Row(
        check=TIMES,
        subject=f"{len(files)} files",
        status=Status.FAILED if found else Status.PASSED,
        detail=found[0] if found else "none in the headers of gzip, zip and tar files",
        differences=tuple(found),
    )


def _times(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        beginning = file.read(TAR_MAGIC_OFFSET + 8)
    if beginning[:2] == b"\x1f\x8b" and len(beginning) >= GZIP_HEADER_BYTES:
        seconds = int.from_bytes(beginning[4:8], "little")
        if seconds not in ZERO_SECONDS:
            yield f"the gzip header says {seconds} seconds since 1970"
    elif beginning[:4] == b"PK\x03\x04":
        yield from _in_zip(path)
    elif beginning[TAR_MAGIC_OFFSET : TAR_MAGIC_OFFSET + 5] == b"ustar":
        yield from _in_tar(path)


def _in_zip(path: Path) -> Iterator[str]:
    try:
        with Bounded(path) as file, zipfile.ZipFile(file) as archive:
            for info in archive.infolist()[:MOST_MEMBERS]:
                if info.date_time[:3] not in ZERO_DAYS:
                    yield f"the zip member {info.filename!r} is of {'{}-{:02}-{:02}'.format(*info.date_time)}"
                    return
    except BROKEN_ZIP:
        return  # it is no archive, whatever its beginning says


def _in_tar(path: Path) -> Iterator[str]:
    try:
        with Bounded(path) as file, opened(file) as archive:
            for member in members(archive, file.size):
                time = member.properties[TIME][0]
                # A pax header holds a decimal: tarfile's `add` writes the 1 of a file in the store as 1.0.
                if float(time.partition(" ")[0]) not in ZERO_SECONDS:
                    yield f"the tar member {member.name!r} is of {time}"
                    return
    except BROKEN_TAR:
        return


def licences_row(toolchain: Json, data: Json) -> Row:
    """Returns the row that says whether every source of the toolchain and of the data has a licence."""
    sources = [
        *cast(Sequence[Json], toolchain["sources"]),
        *cast(Sequence[Json], data["sources"]),
    ]
    without = [
        f"{source['name']} {source['version']}: no licence is stated"
        for source in sources
        if not str(source.get("licence") or "").strip() or source["licence"] == NOT_STATED
    ]
    return Row(
        check=LICENCES,
        subject=f"{len(sources)} sources",
        status=Status.FAILED if without else Status.PASSED,
        detail=without[0] if without else "each has one",
        differences=tuple(without),
    )
