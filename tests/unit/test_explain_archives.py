"""Archives: what their headers say, then the members; damaged ones and bombs are refused with a reason."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.explaining import MEBIBYTE, explained, make_context, make_pair, spoken
from verifier.explain.findings import Fact, Finding
from verifier.explain.kinds import explain_files

CONTENT = {"a.txt": b"one\n", "b/c.json": b'{"x": 1}'}


def zipped(
    members: dict[str, bytes] = CONTENT, *, year: int = 1980, mode: int = 0o644, level: int | None = None
) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(
        file, "w", zipfile.ZIP_DEFLATED if level else zipfile.ZIP_STORED, compresslevel=level
    ) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0))
            info.external_attr, info.compress_type = mode << 16, archive.compression
            archive.writestr(info, content, compresslevel=level)
    return file.getvalue()


def tarred(
    members: dict[str, bytes] = CONTENT, *, mtime: int = 0, mode: int = 0o644, user: str = ""
) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode, info.uname = len(content), mtime, mode, user
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


PACKERS = {"x.zip": zipped, "x.tar": tarred}
each_packer = pytest.mark.parametrize("name", PACKERS)


@each_packer
def test_member_that_differs_is_explained_by_its_own_rules(name: str, tmp_path: Path) -> None:
    other = {**CONTENT, "b/c.json": b'{"x": 2}'}
    (finding,) = explained(tmp_path, PACKERS[name](), PACKERS[name](other), name)
    assert (finding.path, finding.place) == (f"{name}!b/c.json", "$.x")


@each_packer
def test_member_in_one_only_is_named(name: str, tmp_path: Path) -> None:
    said = spoken(explained(tmp_path, PACKERS[name](), PACKERS[name]({"a.txt": b"one\n"}), name))
    assert said == "member 'b/c.json': in the first only"


@each_packer
def test_other_order_is_said(name: str, tmp_path: Path) -> None:
    (finding,) = explained(tmp_path, PACKERS[name](), PACKERS[name](dict(reversed(CONTENT.items()))), name)
    assert finding.facts == {Fact.ORDER}
    assert finding.sentence == "the same 2 members in another order, from 'a.txt' on"


@pytest.mark.parametrize(
    ("name", "second", "said", "fact"),
    [
        ("x.zip", zipped(year=1999), "time: 1980-01-01 00:00:00 in the first, 1999-01-01", Fact.ARCHIVE_TIME),
        ("x.zip", zipped(mode=0o755), "mode: 644 in the first, 755 in the second", Fact.MODE),
        ("x.zip", zipped(level=1), "compression: none in the first, deflate in the second", Fact.COMPRESSION),
        ("x.tar", tarred(mtime=7), "time: 0 seconds since 1970 in the first, 7 seconds", Fact.ARCHIVE_TIME),
        ("x.tar", tarred(mode=0o755), "mode: 644 in the first, 755 in the second", Fact.MODE),
        ("x.tar", tarred(user="root"), "owner: : (0:0) in the first, root: (0:0) in the second", Fact.OWNER),
    ],
)
def test_header_of_members_is_compared(
    name: str, second: bytes, said: str, fact: Fact, tmp_path: Path
) -> None:
    (finding,) = explained(tmp_path, PACKERS[name](), second, name)
    assert finding.sentence.startswith(said)
    assert finding.sentence.endswith("; likewise of 1 other member")
    assert finding.facts == {fact}


def test_members_beyond_the_most_are_said_to_be_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verifier.explain.members.MOST_MEMBERS", 1)
    other = {**CONTENT, "b/c.json": b'{"x": 2}'}
    first, *_ = explained(tmp_path, zipped(), zipped(other), "x.zip")
    assert first.sentence == "the first 1 members are compared, and no more"


def test_same_content_compressed_otherwise_is_said(tmp_path: Path) -> None:
    members = {"a": bytes(range(256)) * 40 + b"abcabcabd" * 100}
    (finding,) = explained(tmp_path, zipped(members, level=1), zipped(members, level=9), "x.zip")
    assert "what is in them is equal" in finding.sentence
    assert Fact.COMPRESSION in finding.facts


def test_time_of_a_gzip_header_is_named(tmp_path: Path) -> None:
    files = gzip.compress(b"x", mtime=1), gzip.compress(b"x", mtime=2)
    (finding,) = explained(tmp_path, *files, "x.gz")
    assert (
        finding.sentence
        == "gzip header time: 1 seconds since 1970 in the first, 2 seconds since 1970 in the second"
    )
    assert finding.facts == {Fact.ARCHIVE_TIME}


def test_archives_in_archives_are_opened(tmp_path: Path) -> None:
    files = [gzip.compress(tarred({"in.zip": zipped({"x.json": x})}), mtime=0) for x in (b"[1]", b"[2]")]
    (finding,) = explained(tmp_path, *files, "x.tgz")
    assert (finding.path, finding.place) == ("x.tgz!x.tar!in.zip!x.json", "$[0]")


def test_archives_are_not_opened_without_end(tmp_path: Path) -> None:
    files = [b"1", b"2"]
    for _ in range(9):
        files = [gzip.compress(content, mtime=0) for content in files]
    assert "archives in archives are opened 4 deep" in spoken(explained(tmp_path, *files, "x.gz"))


def limited(folder: Path, first: bytes, second: bytes, name: str) -> list[Finding]:
    context = make_context(unpacked_bytes=MEBIBYTE)
    return list(explain_files(make_pair(folder, first, second, name), context))


@pytest.mark.parametrize("name", ["x.zip", "x.gz"])
def test_bomb_is_not_unpacked(name: str, tmp_path: Path) -> None:
    bombs = [bytes(64 * MEBIBYTE) + end for end in (b"1", b"2")]
    packed = [zipped({"a": b}, level=9) if name == "x.zip" else gzip.compress(b, mtime=0) for b in bombs]
    (finding,) = limited(tmp_path, *packed, name)
    assert "unpacked it is larger than what is looked at" in finding.sentence


def bent_tar() -> bytes:
    """Returns a tar file whose second header has a size below zero, which leads back to itself."""
    content = bytearray(tarred())
    content[124:136] = (256**12 - 512).to_bytes(12, "big")
    content[148:156] = b" " * 8
    content[148:156] = b"%06o\0 " % sum(content[:512])
    return bytes(content)


def misplaced_zip() -> bytes:
    """Returns a zip file whose directory says that the first member lies before the beginning."""
    content = bytearray(zipped())
    end = content.index(b"PK\5\6")
    start = int.from_bytes(content[end + 16 : end + 20], "little")
    content[end + 16 : end + 20] = (start + 10).to_bytes(4, "little")
    return bytes(content)


BROKEN = {
    "x.zip": [
        zipped()[:-5],
        zipped()[:40],
        b"PK\3\4",
        zipped().replace(b"one", b"two"),
        b"PK\5\6" + b"\xff" * 18,
        misplaced_zip(),
    ],
    "x.tar": [tarred()[:700], tarred()[:100], bent_tar(), b"x" * 2000],
    "x.gz": [gzip.compress(b"x")[:-5], b"\x1f\x8b", b"\x1f\x8b\x08" + b"\xff" * 40],
}
CASES = [(name, content) for name, contents in BROKEN.items() for content in contents]


@pytest.mark.parametrize(("name", "content"), CASES)
def test_broken_archive_is_compared_as_bytes(name: str, content: bytes, tmp_path: Path) -> None:
    good = {"x.zip": zipped, "x.tar": tarred, "x.gz": lambda: gzip.compress(b"x" * 9)}[name]()
    findings = explained(tmp_path, good, content, name)
    assert any(finding.place.startswith(("byte", "line")) for finding in findings)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archives")


@pytest.mark.parametrize("name", ["x.zip", "x.tar", "x.gz"])
@given(data=st.data())
def test_any_damage_is_explained(folder: Path, name: str, data: st.DataObject) -> None:
    good = {"x.zip": zipped, "x.tar": tarred, "x.gz": lambda: gzip.compress(b"x" * 9, mtime=0)}[name]()
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    assert damaged == good or explained(folder, good, bytes(damaged), name)
