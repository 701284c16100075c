"""Comparing two trees: every kind of difference is named, with its place."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.compare import CHUNK_BYTES, compare_trees
from verifier.errors import BadInput
from verifier.nar import nar_sha256


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "first")


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "second")


def write_tree(folder: Path) -> Path:
    (folder / "weights").mkdir(parents=True)
    (folder / "weights" / "model.safetensors").write_bytes(bytes(range(64)))
    (folder / "run").write_bytes(b"#!/bin/sh\n")
    (folder / "run").chmod(0o755)
    (folder / "link").symlink_to("run")
    return folder


def test_equal_trees_have_no_difference(first: Path, second: Path) -> None:
    assert compare_trees(first, second) == []


def test_times_are_no_difference(first: Path, second: Path) -> None:
    os.utime(second / "run", (1, 1))
    assert compare_trees(first, second) == []


def test_missing_file_is_named(first: Path, second: Path) -> None:
    (second / "weights" / "model.safetensors").unlink()
    assert compare_trees(first, second) == ["weights/model.safetensors: missing from the second"]


def test_extra_file_is_named(first: Path, second: Path) -> None:
    (second / "weights" / "more").touch()
    assert compare_trees(first, second) == ["weights/more: extra in the second"]


def test_extra_empty_folder_is_named(first: Path, second: Path) -> None:
    (second / "empty").mkdir()
    assert compare_trees(first, second) == ["empty: extra in the second"]


def test_changed_byte_is_named_with_its_offset(first: Path, second: Path) -> None:
    content = bytearray(range(64))
    content[17] ^= 1
    (second / "weights" / "model.safetensors").write_bytes(content)
    assert compare_trees(first, second) == ["weights/model.safetensors: differs from byte 17 of 64 on"]


def test_longer_file_parts_where_the_shorter_ends(first: Path, second: Path) -> None:
    (second / "run").write_bytes(b"#!/bin/sh\nexit\n")
    assert compare_trees(first, second) == [
        "run: 10 bytes in the first, 15 in the second; they part at byte 10"
    ]


def test_empty_file_parts_at_the_first_byte(first: Path, second: Path) -> None:
    (second / "run").write_bytes(b"")
    assert compare_trees(first, second) == [
        "run: 10 bytes in the first, 0 in the second; they part at byte 0"
    ]


@pytest.mark.parametrize("offset", [0, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])
def test_offset_is_right_around_a_chunks_boundary(offset: int, tmp_path: Path) -> None:
    content = bytearray(2 * CHUNK_BYTES + 1)
    (tmp_path / "a").write_bytes(content)
    content[offset] = 1
    (tmp_path / "b").write_bytes(content)
    found = compare_trees(tmp_path / "a", tmp_path / "b")
    assert found == [f".: differs from byte {offset} of {len(content)} on"]


def test_file_longer_by_a_byte_after_a_whole_chunk_differs(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(CHUNK_BYTES))
    (tmp_path / "b").write_bytes(bytes(CHUNK_BYTES + 1))
    (line,) = compare_trees(tmp_path / "a", tmp_path / "b")
    assert line.endswith(f"they part at byte {CHUNK_BYTES}")


def test_executable_bit_is_a_difference(first: Path, second: Path) -> None:
    (second / "run").chmod(0o644)
    assert compare_trees(first, second) == ["run: executable in the first only"]
    assert compare_trees(second, first) == ["run: executable in the second only"]


def test_other_bits_of_the_mode_are_no_difference(first: Path, second: Path) -> None:
    (second / "run").chmod(0o711)
    assert compare_trees(first, second) == []


def test_target_of_a_link_is_a_difference(first: Path, second: Path) -> None:
    relink(second / "link", "weights")
    assert compare_trees(first, second) == ["link: link to run in the first, to weights in the second"]


@pytest.mark.parametrize("target", ["./run", "run/", ".//run", "run/."])
def test_same_place_by_another_target_is_a_difference(target: str, first: Path, second: Path) -> None:
    """The two trees have different NAR hashes, so they must not be called equal."""
    relink(second / "link", target)
    assert nar_sha256(first) != nar_sha256(second)
    assert compare_trees(first, second) == [f"link: link to run in the first, to {target} in the second"]


def relink(link: Path, target: str) -> None:
    link.unlink()
    os.symlink(target, link)  # noqa: PTH211 (pathlib would shorten the target)


def test_folder_in_the_place_of_a_file_is_named(first: Path, second: Path) -> None:
    (second / "run").unlink()
    (second / "run").mkdir()
    assert compare_trees(first, second) == ["run: a file in the first, a folder in the second"]


def test_link_to_an_equal_file_is_a_difference(first: Path, second: Path) -> None:
    (second / "run").rename(second / "elsewhere")
    (first / "elsewhere").write_bytes(b"#!/bin/sh\n")
    (first / "elsewhere").chmod(0o755)
    (second / "run").symlink_to("elsewhere")
    assert compare_trees(first, second) == ["run: a file in the first, a link in the second"]


def test_fifo_in_the_place_of_a_file_is_named(first: Path, second: Path) -> None:
    (second / "run").unlink()
    os.mkfifo(second / "run")
    assert compare_trees(first, second) == ["run: a file in the first, a special file in the second"]


def test_fifo_in_both_is_refused(first: Path, second: Path) -> None:
    os.mkfifo(first / "fifo")
    os.mkfifo(second / "fifo")
    with pytest.raises(BadInput, match="neither file, folder nor link"):
        compare_trees(first, second)


def test_differences_come_in_the_order_of_paths(first: Path, second: Path) -> None:
    for name in ("z", "a", "weights/b"):
        (second / name).touch()
    assert [line.split(":")[0] for line in compare_trees(first, second)] == ["a", "weights/b", "z"]


@pytest.mark.parametrize("swap", [False, True])
def test_missing_tree_is_bad_input(swap: bool, first: Path, tmp_path: Path) -> None:
    trees = (tmp_path / "none", first) if swap else (first, tmp_path / "none")
    with pytest.raises(BadInput, match="none does not exist"):
        compare_trees(*trees)


def test_link_that_leads_nowhere_can_be_compared(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("nowhere")
    (tmp_path / "b").symlink_to("nowhere")
    assert compare_trees(tmp_path / "a", tmp_path / "b") == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@given(st.binary(max_size=9), st.binary(max_size=9))
def test_files_are_equal_exactly_where_their_bytes_are(folder: Path, a: bytes, b: bytes) -> None:
    (folder / "a").write_bytes(a)
    (folder / "b").write_bytes(b)
    assert bool(compare_trees(folder / "a", folder / "b")) == (a != b)
