"""Debian packages as data: unpacks one, and runs a program out of it on the toolchain's own loader."""

import io
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

MAGIC = b"!<arch>\n"
HEADER_BYTES = 60


def unpack(deb: Path, into: Path) -> None:
    """Unpacks the files of a .deb below the folder `into`.

    A .deb is an `ar` archive with a member data.tar.xz (deb(5), ar(5)).

    Raises:
        ValueError: it is no such archive.
    """
    with tarfile.open(fileobj=io.BytesIO(_member(deb.read_bytes(), b"data.tar")), mode="r:*") as archive:
        archive.extractall(into)  # what it may do is bounded by the lock's hash and the sandbox


def _member(archive: bytes, prefix: bytes) -> bytes:
    if not archive.startswith(MAGIC):
        raise ValueError("it is no Debian package: the first bytes are not those of an ar archive")
    place = len(MAGIC)
    while place < len(archive):
        header = archive[place : place + HEADER_BYTES]
        start, size = place + HEADER_BYTES, int(header[48:58])
        if header.startswith(prefix):
            return archive[start : start + size]
        place = start + size + size % 2  # members start at even places
    raise ValueError(f"it is no Debian package: it has no member {prefix.decode()}")


def run(program: Path, arguments: Sequence[str]) -> str:
    """Runs a program of an unpacked package with the libraries of the toolchain; returns what it prints.

    Raises:
        subprocess.CalledProcessError: it exits with another code than 0.
    """
    sysroot = Path(sys.executable).resolve().parents[2]
    libraries = f"{sysroot}/lib/x86_64-linux-gnu:{sysroot}/usr/lib/x86_64-linux-gnu"
    loader = sysroot / "lib" / "x86_64-linux-gnu" / "ld-linux-x86-64.so.2"
    command = [str(loader), "--library-path", libraries, str(program), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
