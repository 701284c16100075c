"""`verifier bom`: the bundle's own bytes or SPDX; on bad input a sentence, an advice and an exit code."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.unit.bundles import list_files, write_bundle, write_file

BOM = "bom.cdx.json"


def bom(*arguments: object) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "verifier", "bom", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=environment)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = write_bundle(tmp_path / "bundle")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def test_it_prints_the_bundles_own_bytes(bundle: Path) -> None:
    done = bom(bundle)
    assert (done.returncode, done.stdout, done.stderr) == (0, (bundle / BOM).read_text(), "")


def test_it_writes_them_to_a_file_and_says_so(bundle: Path, tmp_path: Path) -> None:
    done = bom(bundle, "-o", tmp_path / "out.json")
    assert (tmp_path / "out.json").read_bytes() == (bundle / BOM).read_bytes()
    assert done.returncode == 0
    assert done.stdout.startswith("written  tiny-1.0.0-")


def test_spdx_is_the_same_each_time(bundle: Path, tmp_path: Path) -> None:
    first, second = bom(bundle, "--format", "spdx"), bom(bundle, "--format", "spdx", "-o", tmp_path / "out")
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout == (tmp_path / "out").read_text()
    assert json.loads(first.stdout)["@context"] == "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"


def test_result_for_machines_names_bundle_format_and_hash(bundle: Path, tmp_path: Path) -> None:
    done = bom(bundle, "-o", tmp_path / "out", "--json", "-")
    said = json.loads(done.stdout)
    assert (said["schema"], said["format"], len(said["sha256"])) == ("samebits/bom/v1", "cyclonedx", 64)


def relist(folder: Path, content: bytes) -> None:
    write_file(folder, BOM, content).chmod(0o644)
    list_files(folder)


def other_hash(folder: Path) -> None:
    value = json.loads((folder / BOM).read_text())
    value["components"][0]["hashes"][0]["content"] = "0" * 64
    relist(folder, json.dumps(value).encode())


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda folder: (folder / BOM).unlink(), "bom.cdx.json is in the manifest, but missing"),
        (lambda folder: ((folder / BOM).unlink(), list_files(folder)), "there is no bom.cdx.json"),
        (lambda folder: relist(folder, b"{"), "bom.cdx.json cannot be read as JSON"),
        (lambda folder: relist(folder, b'{"a": 1, "a": 1}'), "the key 'a' is given twice"),
        (lambda folder: relist(folder, b"{}"), "bom.cdx.json"),
        (other_hash, "bom.cdx.json names 'numpy 2.4.6' with the sha256 000000"),
        (lambda folder: write_file(folder, BOM, b"{}"), "other bytes than the manifest says"),
        (lambda folder: write_file(folder, "extra", b""), "extra is not in the manifest"),
    ],
)
def test_bundle_that_is_not_what_it_says_prints_nothing(
    spoil: Callable[[Path], object], says: str, bundle: Path, tmp_path: Path
) -> None:
    spoil(bundle)
    for form in ("cyclonedx", "spdx"):
        done = bom(bundle, "--format", form, "-o", tmp_path / "out")
        assert (done.returncode, done.stdout) == (1, "")
        assert says in done.stderr.splitlines()[0]
        assert done.stderr.splitlines()[1].startswith("  ")
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{}"], "is no bundle: it has no manifest.json"),
        (["{}/nothing"], "does not exist"),
        (["{}/file"], "is no folder"),
        (["{}/bundle", "-o", "{}/nothing/out"], "cannot be written: No such file or directory"),
        (["{}/bundle", "-o", "{}"], "cannot be written: it is a folder"),
        (["{}/bundle", "-o", ""], "cannot be written"),
        (["{}/bundle", "-o", "{}/bundle/out"], "would change"),
        (["{}/bundle", "-o", "{}/bundle/bom.cdx.json"], "would change"),
        (["{}/bundle", "--json", "{}/bundle/out"], "would change"),
        (["{}/bundle", "--json", "-"], "both go to stdout"),
        (["{}/bundle", "--format", "xml"], "invalid choice: 'xml'"),
    ],
)
def test_bad_usage_is_a_sentence(arguments: list[str], says: str, bundle: Path, tmp_path: Path) -> None:
    write_file(tmp_path, "file", b"")
    before = sorted(bundle.rglob("*"))
    done = bom(*(argument.replace("{}", str(tmp_path)) for argument in arguments))
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert sorted(bundle.rglob("*")) == before


def test_disk_that_is_full_is_no_verdict(bundle: Path) -> None:
    done = bom(bundle, "-o", "/dev/full")
    assert done.returncode == 3
    assert "No space left on device" in done.stderr
