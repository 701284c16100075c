"""Hostile bundles: each is refused or shows as a problem; none stops or misleads the reader."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.unit.bundles import change_manifest, entry, refused_or_problem, write_bundle
from verifier.bundle import read_bundle
from verifier.errors import BadInput


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "bundle")


def list_path(bundle: Path, path: str, content: bytes = b"secret") -> None:
    change_manifest(bundle, lambda value: value["files"].append(entry(path, content)))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "path",
    [
        "../outside",
        "code/../../outside",
        "..",
        "/etc/hostname",
        "//etc/hostname",
        "./code/x",
        "code//x",
        "code/",
    ],
)
def test_path_that_leads_outside_or_has_two_forms_is_refused(path: str, bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"secret")
    list_path(bundle, path)
    with pytest.raises(BadInput, match="the manifest lists the path"):
        read_bundle(bundle)


@pytest.mark.parametrize("path", ["", ".", "a\0b", "code", "\ud800"])
def test_path_of_no_file_is_refused_or_missing(path: str, bundle: Path) -> None:
    list_path(bundle, path)
    assert refused_or_problem(bundle)


def test_manifest_that_lists_itself_is_refused(bundle: Path) -> None:
    list_path(bundle, "manifest.json")
    with pytest.raises(BadInput, match=r"lists the path 'manifest\.json'"):
        read_bundle(bundle)


def test_path_listed_twice_is_refused(bundle: Path) -> None:
    list_path(bundle, "data.json")
    with pytest.raises(BadInput, match="lists a path twice"):
        read_bundle(bundle)


def test_key_given_twice_in_the_manifest_is_refused(bundle: Path) -> None:
    text = (bundle / "manifest.json").read_text()
    (bundle / "manifest.json").write_text(text.replace('"name": "tiny"', '"name": "other", "name": "tiny"'))
    with pytest.raises(BadInput, match="the key 'name' is given twice"):
        read_bundle(bundle)


def test_empty_list_of_files_is_refused(bundle: Path) -> None:
    change_manifest(bundle, lambda value: value.update(files=[]))
    with pytest.raises(BadInput, match="files"):
        read_bundle(bundle)


@pytest.mark.parametrize("field", ["name", "version"])
@pytest.mark.parametrize("change", ["{}\n", "{}/../x", "{} ", "\x1b[31m{}", ""])
def test_name_and_version_that_are_not_plain_are_refused(field: str, change: str, bundle: Path) -> None:
    change_manifest(bundle, lambda value: value.update({field: change.format(value[field])}))
    with pytest.raises(BadInput, match=field):
        read_bundle(bundle)


def test_missing_manifest_is_refused(bundle: Path) -> None:
    (bundle / "manifest.json").unlink()
    with pytest.raises(BadInput, match=r"manifest\.json does not exist"):
        read_bundle(bundle)


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        read_bundle(tmp_path / "none")


def test_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput):
        read_bundle(tmp_path / "file")


def test_manifest_that_is_a_link_is_refused_or_a_problem(bundle: Path, tmp_path: Path) -> None:
    (bundle / "manifest.json").rename(tmp_path / "elsewhere")
    (bundle / "manifest.json").symlink_to(tmp_path / "elsewhere")
    assert refused_or_problem(bundle)


def test_manifest_that_is_a_fifo_does_not_stop_the_reader(bundle: Path) -> None:
    (bundle / "manifest.json").unlink()
    subprocess.run(["mkfifo", str(bundle / "manifest.json")], check=True)
    code = "import sys, pathlib, verifier.bundle as b; b.read_bundle(pathlib.Path(sys.argv[1]))"
    argv = [sys.executable, "-c", code, str(bundle)]
    done = subprocess.run(argv, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=5)
    assert "BadInput" in done.stderr
