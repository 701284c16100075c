"""Times in archives, and licences: what holds one fails with its file, and no damage ends the check."""

import gzip
import io
import os
import re
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import REPOSITORY
from tests.unit.bundles import SOURCE, TOOLCHAIN, write_bundle, write_file
from verifier.life.packaging import licences_row, times_row
from verifier.verdict import Row, Status

LATER = 1_700_000_000
MAGICS = {"gzip": b"\x1f\x8b", "zip": b"PK\x03\x04", "tar": bytes(257) + b"ustar"}
NOTHING = "none in the headers of gzip, zip and tar files"


def gzipped(seconds: int) -> bytes:
    return gzip.compress(b"content", mtime=seconds)


def zipped(*years: int) -> bytes:
    """Returns a zip file with a member of each of these years."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, year in enumerate(years):
            archive.writestr(
                zipfile.ZipInfo(f"member-{number}", (year, 1, 1 if year == 1980 else 2, 3, 4, 6)), b"content"
            )
    return file.getvalue()


def tarred(*seconds: float, form: int = tarfile.USTAR_FORMAT) -> bytes:
    """Returns a tar file with a member of each of these times."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for number, time in enumerate(seconds):
            info = tarfile.TarInfo(f"member-{number}")
            info.mtime = time
            info.size = 7
            archive.addfile(info, io.BytesIO(b"content"))
    return file.getvalue()


def judged(bundle: Path, content: bytes, name: str = "weights/archive") -> Row:
    """Returns the row for a bundle in which one file has this content."""
    write_file(bundle, name, content)
    row = times_row(bundle)
    assert row.check == "times"
    return row


def failure(row: Row) -> str:
    assert row.status is Status.FAILED
    assert row.detail == row.differences[0]
    return row.detail


def test_bundle_without_archives_passes(tmp_path: Path) -> None:
    row = times_row(write_bundle(tmp_path))
    assert (row.status, row.subject, row.detail) == (Status.PASSED, "6 files", NOTHING)


def test_time_in_a_gzip_header_fails(tmp_path: Path) -> None:
    row = judged(tmp_path, gzipped(LATER))
    assert failure(row) == "weights/archive: the gzip header says 1700000000 seconds since 1970"


def test_another_day_of_1980_is_a_time(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("member", (1980, 5, 5, 0, 0, 0)), b"content")
    assert failure(judged(tmp_path, file.getvalue())).endswith("is of 1980-05-05")


def test_time_of_a_zip_member_fails(tmp_path: Path) -> None:
    row = judged(tmp_path, zipped(1980, 2026))
    assert failure(row) == "weights/archive: the zip member 'member-1' is of 2026-01-02"


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_time_of_a_tar_member_fails(tmp_path: Path, form: int) -> None:
    row = judged(tmp_path, tarred(0, LATER, form=form))
    assert failure(row) == "weights/archive: the tar member 'member-1' is of 1700000000 seconds since 1970"


def test_fraction_of_a_second_in_a_tar_member_fails(tmp_path: Path) -> None:
    row = judged(tmp_path, tarred(0.25, form=tarfile.PAX_FORMAT))
    assert failure(row) == "weights/archive: the tar member 'member-0' is of 0.25 seconds since 1970"


@pytest.mark.parametrize(
    "content",
    [
        *(gzipped(seconds) for seconds in (0, 1)),
        *(zipped(*years) for years in ((), (1980,), (1980, 1980))),
        *(tarred(*times) for times in ((), (0, 1))),
        tarred(0, 1, form=tarfile.PAX_FORMAT),
    ],
)
def test_archives_that_hold_no_time_pass(tmp_path: Path, content: bytes) -> None:
    row = judged(tmp_path, content)
    assert (row.status, row.detail) == (Status.PASSED, NOTHING)


def test_tar_of_files_as_nix_leaves_them_passes(tmp_path: Path) -> None:
    """The time of a file is a float to Python, and `add` writes it down as one."""
    source = write_file(tmp_path / "store", "file", b"content")
    os.utime(source, (1, 1))
    with tarfile.open(tmp_path / "made.tar", "w") as archive:
        archive.add(source, "file")
    row = judged(tmp_path / "bundle", (tmp_path / "made.tar").read_bytes())
    assert (row.status, row.detail) == (Status.PASSED, NOTHING)


def test_what_a_step_takes_for_the_date_is_no_time(tmp_path: Path) -> None:
    profile = (REPOSITORY / "builder" / "profile.nix").read_text()
    (stated,) = re.findall(r'SOURCE_DATE_EPOCH = "(\d+)"', profile)
    for content in (gzipped(int(stated)), tarred(int(stated))):
        assert judged(tmp_path, content).status is Status.PASSED


def test_every_file_with_a_time_is_listed_in_order(tmp_path: Path) -> None:
    write_file(tmp_path, "b", gzipped(LATER))
    row = judged(tmp_path, zipped(2026), "a")
    assert [line.split(":")[0] for line in row.differences] == ["a", "b"]
    assert row.subject == "2 files"


@pytest.mark.parametrize("magic", MAGICS.values())
def test_files_shorter_than_a_header_pass(tmp_path: Path, magic: bytes) -> None:
    for length in range(0, len(magic) + 10):
        assert judged(tmp_path, (magic + bytes(8))[:length]).status is Status.PASSED


def test_gzip_header_holds_a_time_only_where_it_is_whole(tmp_path: Path) -> None:
    header = gzipped(LATER)[:10]
    assert judged(tmp_path, header).status is Status.FAILED
    assert judged(tmp_path, header[:9]).status is Status.PASSED


@pytest.mark.parametrize("content", [zipped(2026), tarred(LATER), gzipped(LATER)])
def test_archive_that_ends_anywhere_is_judged_all_the_same(tmp_path: Path, content: bytes) -> None:
    for length in range(0, len(content), 7):
        judged(tmp_path, content[:length])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundle")


@given(st.sampled_from(sorted(MAGICS)), st.binary(max_size=2000))
def test_any_bytes_behind_a_magic_are_judged(folder: Path, name: str, rest: bytes) -> None:
    judged(folder, MAGICS[name] + rest)


@given(st.sampled_from([gzipped(LATER), zipped(2026, 1980), tarred(LATER, 0)]), st.data())
def test_any_damage_to_an_archive_is_judged(folder: Path, content: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(content) - 1))
    damage = data.draw(st.binary(min_size=1, max_size=16))
    judged(folder, content[:at] + damage + content[at + len(damage) :])


def licences(licence: object, other: object = "MIT") -> Row:
    toolchain = {"sources": [SOURCE, {**SOURCE, "name": "libc6", "licence": licence}]}
    return licences_row(toolchain, {"sources": [{**SOURCE, "name": "digits", "licence": other}]})


def test_sources_with_licences_pass() -> None:
    row = licences("MIT")
    assert (row.check, row.subject, row.status) == ("licences", "3 sources", Status.PASSED)
    assert row.detail == "each has one"


def test_licence_of_a_bundle_of_the_tests_passes() -> None:
    assert licences_row(TOOLCHAIN, {"sources": []}).status is Status.PASSED


@pytest.mark.parametrize("licence", ["", " ", "NOASSERTION", None])
def test_source_without_a_licence_fails(licence: object) -> None:
    row = licences(licence)
    assert (row.status, row.detail) == (Status.FAILED, "libc6 2.4.6: no licence is stated")
    assert row.differences == (row.detail,)


def test_data_without_a_licence_fails() -> None:
    row = licences("MIT", "NOASSERTION")
    assert (row.status, row.detail) == (Status.FAILED, "digits 2.4.6: no licence is stated")


def test_all_sources_without_a_licence_are_listed() -> None:
    assert [line.split()[0] for line in licences("", "").differences] == ["libc6", "digits"]
