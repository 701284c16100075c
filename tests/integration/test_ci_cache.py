"""What CI keeps of a store: that it comes back, that what is damaged does not, and what is never in it."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.integration import ci
from tests.integration.copies import commit
from tests.integration.torchbox import build


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> ci.Scratch:
    build("legacyPackages.x86_64-linux.toolchains.numpy")
    return ci.scratch(tmp_path_factory.mktemp("scratch") / "repository")


@pytest.fixture(scope="module")
def kept(scratch: ci.Scratch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the store was kept."""
    folder = tmp_path_factory.mktemp("kept")
    assert "nothing is kept for these locks yet" in cache(scratch.root, "restore", str(folder)).log
    done = cache(scratch.root, "save", str(folder))
    assert done.code == 0 and " paths kept in " in done.log, done.log
    return folder


def test_what_is_kept_fills_an_empty_store_with_sources_and_toolchains(
    scratch: ci.Scratch, kept: Path, tmp_path: Path
) -> None:
    (export,) = kept.glob("*.export")
    expected = sorted(Path(f"{export}.paths").read_text().split())
    store = tmp_path / "store"
    assert sorted(ci.store_paths(export, store)) == expected
    names = {path.split("-", 1)[1] for path in expected}
    assert {"toolchain-numpy", "python-3.11-sysroot", "wheel-numpy-2.4.6"} <= names
    assert not any("moving" in name or "steady" in name for name in names)
    assert not any("faketime" in name or "locales" in name or "qemu" in name for name in names)
    subprocess.run(["chmod", "-R", "u+w", store], check=True)


def cache(root: Path, *words: str) -> ci.Ended:
    command = " ".join([str(REPOSITORY / ".ci" / "store-cache"), *words])
    return ci.shell("sh", command, root, os.environ)


def test_kept_paths_come_back_and_are_not_written_twice(scratch: ci.Scratch, kept: Path) -> None:
    root = scratch.root
    (export,) = kept.glob("*.export")
    before = export.stat().st_mtime_ns
    assert cache(root, "restore", str(kept)).log.endswith(f" paths from {export}\n")
    assert cache(root, "save", str(kept)) == ci.Ended(code=0, log="")
    assert export.stat().st_mtime_ns == before


def test_what_other_locks_need_is_taken_too_and_replaced(
    scratch: ci.Scratch, kept: Path, tmp_path: Path
) -> None:
    root = ci.copied(scratch.root, tmp_path / "repository")
    folder = ci.copied(kept, tmp_path / "kept")
    (old,) = folder.glob("*.export")
    (root / "other.lock.json").write_text("{}")
    commit(root)
    assert cache(scratch.root, "key").log != cache(root, "key").log
    assert cache(root, "restore", str(folder)).log.endswith(f" paths from {old}\n")
    assert cache(root, "save", str(folder)).code == 0
    (new,) = folder.glob("*.export")
    assert new.name != old.name


@pytest.mark.parametrize("spoil", ["cut", "changed", "no digest"])
def test_damaged_cache_is_left_out_with_a_sentence(
    scratch: ci.Scratch, kept: Path, tmp_path: Path, spoil: str
) -> None:
    folder = ci.copied(kept, tmp_path / "kept")
    (export,) = folder.glob("*.export")
    content = export.read_bytes()
    if spoil == "cut":
        export.write_bytes(content[: len(content) // 2])
    elif spoil == "changed":
        export.write_bytes(content[:1000] + b"x" + content[1001:])
    else:
        Path(f"{export}.sha256").unlink()
    done = cache(scratch.root, "restore", str(folder))
    assert (done.code, done.log) == (0, f"cache     {export} is damaged, and is left out\n")
    assert cache(scratch.root, "save", str(folder)).log.endswith(f" paths kept in {export}\n")
    assert "is damaged" not in cache(scratch.root, "restore", str(folder)).log


def test_export_that_is_none_is_left_out_with_a_sentence(scratch: ci.Scratch, tmp_path: Path) -> None:
    export = tmp_path / f"{cache(scratch.root, 'key').log.strip()}.export"
    export.write_text("no export")
    subprocess.run(f"sha256sum {export.name} >{export.name}.sha256", shell=True, cwd=tmp_path, check=True)
    done = cache(scratch.root, "restore", str(tmp_path))
    assert done.code == 0
    assert f"{export} cannot be taken, and is left out: " in done.log
