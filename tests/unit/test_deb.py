"""A Debian package as data: its files, and a program of it; what is no package is refused."""

import io
import tarfile
from pathlib import Path

import pytest

from builder.runtime import deb


def member(name: str, content: bytes) -> bytes:
    """Returns one member of an ar archive (ar(5))."""
    header = f"{name:<16}{'0':<12}{'0':<6}{'0':<6}{'100644':<8}{len(content):<10}`\n".encode()
    return header + content + b"\n" * (len(content) % 2)


def package(compression: str, control: bytes = b"x") -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=f"w:{compression}") as archive:
        for name, content in (("./usr/share/thing", b"hello"), ("./usr/share/odd", b"abc")):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    parts = [member("debian-binary", b"2.0\n"), member("control.tar.xz", control)]
    return deb.MAGIC + b"".join(parts) + member(f"data.tar.{compression}", data.getvalue())


@pytest.mark.parametrize("compression", ["xz", "gz"])
@pytest.mark.parametrize("control", [b"x", b"xy"], ids=["odd", "even"])
def test_files_are_unpacked(compression: str, control: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.deb").write_bytes(package(compression, control))
    deb.unpack(tmp_path / "a.deb", tmp_path / "out")
    assert (tmp_path / "out/usr/share/thing").read_bytes() == b"hello"
    assert (tmp_path / "out/usr/share/odd").read_bytes() == b"abc"


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", deb.MAGIC, deb.MAGIC + member("debian-binary", b"2.0\n")]
)
def test_what_is_no_package_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.deb").write_bytes(content)
    with pytest.raises(ValueError, match="it is no Debian package"):
        deb.unpack(tmp_path / "a.deb", tmp_path / "out")
