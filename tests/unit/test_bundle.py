"""Reading a bundle: a valid one passes wherever it lies, and every file is held against the manifest."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from tests.unit.bundles import FILES, STORE_PATH, list_files, write_bundle, write_file
from verifier.bundle import CHUNK_BYTES, read_bundle

WEIGHTS = "weights/model.safetensors"
CODE = "code/network.py"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "bundle")


def test_valid_bundle_has_no_problems(bundle: Path) -> None:
    found = read_bundle(bundle)
    assert (found.problems, found.store_paths) == ((), ())
    assert (found.name, found.version, found.file_count) == ("tiny", "1.0.0", len(FILES))


def test_identifier_is_name_version_and_start_of_the_manifests_sha256(bundle: Path) -> None:
    digest = hashlib.sha256((bundle / "manifest.json").read_bytes()).hexdigest()
    assert read_bundle(bundle).identifier == f"tiny-1.0.0-{digest[:12]}"


def test_copy_elsewhere_has_the_same_identifier(bundle: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(bundle, tmp_path / "copy")
    assert read_bundle(copy) == read_bundle(bundle)


def test_other_bytes_give_another_identifier(bundle: Path) -> None:
    before = read_bundle(bundle).identifier
    write_file(bundle, CODE, b"\x03")
    list_files(bundle)
    assert read_bundle(bundle).identifier != before


def test_missing_file_is_a_problem(bundle: Path) -> None:
    (bundle / WEIGHTS).unlink()
    assert read_bundle(bundle).problems == (f"{WEIGHTS}: listed, but missing",)


def test_extra_file_is_a_problem(bundle: Path) -> None:
    write_file(bundle, "code/more.py", b"")
    assert read_bundle(bundle).problems == ("code/more.py: extra, not in the manifest",)


def test_hidden_extra_file_is_a_problem(bundle: Path) -> None:
    write_file(bundle, ".hidden/file", b"")
    assert read_bundle(bundle).problems == (".hidden/file: extra, not in the manifest",)


def test_second_manifest_in_a_folder_is_a_problem(bundle: Path) -> None:
    write_file(bundle, "code/manifest.json", b"{}")
    assert read_bundle(bundle).problems == ("code/manifest.json: extra, not in the manifest",)


@pytest.mark.parametrize("name", FILES)
def test_changed_byte_in_any_file_is_a_problem(name: str, bundle: Path) -> None:
    content = bytearray(FILES[name])
    content[-1] ^= 1
    (bundle / name).write_bytes(content)
    assert read_bundle(bundle).problems == (f"{name}: has other bytes than the manifest says",)


def test_longer_file_is_a_problem(bundle: Path) -> None:
    write_file(bundle, WEIGHTS, FILES[WEIGHTS] + b"\0")
    assert read_bundle(bundle).problems == (f"{WEIGHTS}: has other bytes than the manifest says",)


def test_empty_file_in_the_place_of_a_full_one_is_a_problem(bundle: Path) -> None:
    write_file(bundle, WEIGHTS, b"")
    assert len(read_bundle(bundle).problems) == 1


def test_link_to_the_same_bytes_is_a_problem(bundle: Path, tmp_path: Path) -> None:
    (bundle / WEIGHTS).rename(tmp_path / "elsewhere")
    (bundle / WEIGHTS).symlink_to(tmp_path / "elsewhere")
    assert read_bundle(bundle).problems == (f"{WEIGHTS}: not a plain file",)


def test_link_that_leads_nowhere_is_a_problem(bundle: Path) -> None:
    (bundle / WEIGHTS).unlink()
    (bundle / WEIGHTS).symlink_to("nowhere")
    assert read_bundle(bundle).problems == (f"{WEIGHTS}: not a plain file",)


def test_link_to_a_folder_with_the_listed_files_is_a_problem(bundle: Path, tmp_path: Path) -> None:
    (bundle / "weights").rename(tmp_path / "elsewhere")
    (bundle / "weights").symlink_to(tmp_path / "elsewhere")
    assert "weights: extra, not in the manifest" in read_bundle(bundle).problems


def test_link_that_leads_to_its_own_folder_is_a_problem(bundle: Path) -> None:
    (bundle / "code" / "loop").symlink_to(".")
    assert read_bundle(bundle).problems == ("code/loop: extra, not in the manifest",)


def test_fifo_is_a_problem(bundle: Path) -> None:
    (bundle / WEIGHTS).unlink()
    os.mkfifo(bundle / WEIGHTS)
    assert read_bundle(bundle).problems == (f"{WEIGHTS}: not a plain file",)


def test_folder_in_the_place_of_a_file_is_a_problem(bundle: Path) -> None:
    (bundle / WEIGHTS).unlink()
    (bundle / WEIGHTS).mkdir()
    assert read_bundle(bundle).problems == (f"{WEIGHTS}: listed, but missing",)


def test_problems_come_in_the_order_of_paths(bundle: Path) -> None:
    (bundle / WEIGHTS).unlink()
    write_file(bundle, "zoo", b"")
    write_file(bundle, "a", b"")
    assert [line.split(":")[0] for line in read_bundle(bundle).problems] == ["a", WEIGHTS, "zoo"]


def test_name_that_is_no_text_is_a_problem(bundle: Path) -> None:
    (bundle / os.fsdecode(b"\xff")).touch()
    assert len(read_bundle(bundle).problems) == 1


def test_store_path_in_a_file_is_named(bundle: Path) -> None:
    write_file(bundle, "code/network.py", b"prefix " + STORE_PATH + b"-python/bin")
    list_files(bundle)
    assert read_bundle(bundle).store_paths == ("code/network.py",)


@pytest.mark.parametrize("before", range(0, len(STORE_PATH) + 1, 6))
def test_store_path_across_a_chunks_boundary_is_named(before: int, bundle: Path) -> None:
    """`before` bytes of the path end the first chunk, the rest begins the second."""
    write_file(bundle, CODE, b"x" * (CHUNK_BYTES - before) + STORE_PATH + b"x" * 100)
    list_files(bundle)
    assert read_bundle(bundle).store_paths == (CODE,)


def test_store_path_at_the_very_end_is_named(bundle: Path) -> None:
    write_file(bundle, CODE, b"x" * (2 * CHUNK_BYTES - len(STORE_PATH)) + STORE_PATH)
    list_files(bundle)
    assert read_bundle(bundle).store_paths == (CODE,)


@pytest.mark.parametrize(
    "text",
    [b"/nix/store", b"/nix/store/", STORE_PATH[:-1], STORE_PATH.replace(b"0c1x", b"eotu")],
    ids=["folder", "slash", "short", "letters"],
)
def test_what_only_resembles_a_store_path_is_none(text: bytes, bundle: Path) -> None:
    write_file(bundle, "code/network.py", text)
    list_files(bundle)
    assert read_bundle(bundle).store_paths == ()
