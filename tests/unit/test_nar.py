"""The NAR hash: what Nix says of the same tree, whatever is in it."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.errors import BadInput
from verifier.nar import nar_sha256

needs_nix = pytest.mark.skipif(shutil.which("nix-hash") is None, reason="needs nix-hash")

# What `nix-hash --type sha256` (Nix 2.8.0) says of the two trees below.
HELLO = "1c37d01af40be2e80691de3cc3df44377a699afbb17c68f080964b2fd071fc13"
TREE = "11f759955e86b00ff76cdf94a6b4de45e4c2957929a7040528dc5e03e0c3a28b"

ODD_NAMES = (b"\xff\xfe", b"a", b"a-b", b"a.b", b"A", b"ab", b" ", b"-n", b"new\nline", "ü".encode(), b"\x01")
NAMES = st.binary(min_size=1, max_size=6).filter(
    lambda name: not {0, 47} & set(name) and name not in (b".", b"..")
)
NODES = st.tuples(st.sampled_from(["file", "program", "link"]), st.binary(min_size=1, max_size=40))


def write_tree(folder: Path) -> Path:
    """Writes an executable, a link, an empty folder and an empty file; returns `folder`."""
    (folder / "empty-folder").mkdir(parents=True)
    (folder / "empty-file").touch()
    (folder / "program").write_bytes(b"#!/bin/sh\n")
    (folder / "program").chmod(0o755)
    (folder / "link").symlink_to("program")
    return folder


def nix_hash(path: Path) -> str:
    argv = ["nix-hash", "--type", "sha256", str(path)]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()


def test_hash_of_a_file_is_the_known_one(tmp_path: Path) -> None:
    (tmp_path / "hello").write_bytes(b"hello\n")
    assert nar_sha256(tmp_path / "hello") == HELLO


def test_hash_of_a_tree_is_the_known_one(tmp_path: Path) -> None:
    assert nar_sha256(write_tree(tmp_path / "tree")) == TREE


@needs_nix
def test_tree_with_every_kind_of_node_has_nix_hash(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree")
    assert nar_sha256(tree) == nix_hash(tree)


@needs_nix
def test_odd_names_are_hashed_in_the_order_of_their_bytes(tmp_path: Path) -> None:
    for name in ODD_NAMES:
        (tmp_path / os.fsdecode(name)).write_bytes(name)
    (tmp_path / "to-odd").symlink_to(os.fsdecode(b"\xff\xfe"))
    assert nar_sha256(tmp_path) == nix_hash(tmp_path)


@needs_nix
@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 15, 16, 17, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_file_is_padded_as_nix_pads_it(size: int, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * size)
    assert nar_sha256(tmp_path / "file") == nix_hash(tmp_path / "file")


@needs_nix
@pytest.mark.parametrize("mode", [0o644, 0o744, 0o654, 0o645, 0o500, 0o6755])
def test_only_the_owners_bit_makes_a_file_executable(mode: int, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "file").chmod(mode)
    assert nar_sha256(tmp_path / "file") == nix_hash(tmp_path / "file")


@needs_nix
@settings(max_examples=30)
@given(st.dictionaries(NAMES, NODES, max_size=6))
def test_any_folder_has_nix_hash(entries: dict[bytes, tuple[str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, (kind, content) in entries.items():
            path = Path(folder) / os.fsdecode(name)
            if kind == "link":
                path.symlink_to(os.fsdecode(content.replace(b"\0", b"0")))
            else:
                path.write_bytes(content)
                path.chmod(0o755 if kind == "program" else 0o644)
        assert nar_sha256(Path(folder)) == nix_hash(Path(folder))


def test_times_change_nothing(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree")
    os.utime(tree / "program", (1, 1))
    assert nar_sha256(tree) == TREE


def test_executable_bit_changes_the_hash(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree")
    (tree / "program").chmod(0o644)
    assert nar_sha256(tree) != TREE


def test_target_of_a_link_changes_the_hash(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree")
    (tree / "link").unlink()
    (tree / "link").symlink_to("./program")
    assert nar_sha256(tree) != TREE


def test_added_empty_folder_changes_the_hash(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree")
    (tree / "one-more").mkdir()
    assert nar_sha256(tree) != TREE


def test_fifo_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(BadInput, match="fifo is neither file, folder nor link"):
        nar_sha256(tmp_path)


def test_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the address of a socket may not be long
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        with pytest.raises(BadInput, match="socket is neither file, folder nor link"):
            nar_sha256(tmp_path)


def test_file_that_ends_before_its_size_is_refused() -> None:
    """As where somebody cuts it off meanwhile: the kernel says 4096 bytes and gives fewer."""
    online = Path("/sys/devices/system/cpu/online")
    if online.stat().st_size <= len(online.read_bytes()):
        pytest.skip("this kernel states sizes as they are")
    with pytest.raises(BadInput, match="online shrank while it was read"):
        nar_sha256(online)
