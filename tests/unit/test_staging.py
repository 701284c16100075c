"""Downloads: their folders are swept after a crash and left alone while held, and what comes in is checked."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.errors import CouldNotDo
from builder.fetch import check_file
from builder.staging import cache_root, staging, sweep
from tests.conftest import REPOSITORY

HOLD = """
import time
from builder.staging import staging
with staging() as folder:
    (folder / "download").touch()
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder() -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that holds a folder, and the folder."""
    argv = [sys.executable, "-c", HOLD]
    with subprocess.Popen(argv, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_folder_lies_in_the_users_cache(tmp_path: Path) -> None:
    with staging() as folder:
        assert folder.parent == tmp_path / "cache" / "samebits" == cache_root()


def test_folder_is_gone_afterwards() -> None:
    with staging() as folder:
        (folder / "download").touch()
    assert list(cache_root().iterdir()) == []


def test_folder_is_gone_after_an_interrupt() -> None:
    with pytest.raises(KeyboardInterrupt), staging():
        raise KeyboardInterrupt
    assert list(cache_root().iterdir()) == []


def test_folder_of_a_dead_process_is_swept(holder: tuple[subprocess.Popen[str], Path]) -> None:
    process, left = holder
    process.kill()
    process.wait()
    assert (left / "download").exists()
    with staging():
        assert not left.exists()


def test_folder_of_a_living_process_is_left_alone(holder: tuple[subprocess.Popen[str], Path]) -> None:
    _, held = holder
    with staging():
        assert (held / "download").exists()
    assert (held / "download").exists()


def test_our_own_folder_is_not_swept() -> None:
    with staging() as folder:
        sweep(cache_root())
        assert folder.exists()


def test_what_has_another_name_is_left_alone() -> None:
    other = cache_root() / "check-other"
    other.mkdir()
    sweep(cache_root())
    assert other.exists()


CONTENT = b"a wheel"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("download") / "numpy.whl"


def test_file_as_locked_passes(file: Path) -> None:
    file.write_bytes(CONTENT)
    check_file(file, size=len(CONTENT), sha256=SHA256)


def test_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(CouldNotDo, match=r"numpy\.whl was not downloaded"):
        check_file(tmp_path / "numpy.whl", size=1, sha256=SHA256)


def test_folder_in_its_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "numpy.whl").mkdir()
    with pytest.raises(CouldNotDo, match="was not downloaded"):
        check_file(tmp_path / "numpy.whl", size=1, sha256=SHA256)


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT + b"\0"])
def test_file_of_another_size_is_said(content: bytes, file: Path) -> None:
    file.write_bytes(content)
    with pytest.raises(CouldNotDo, match=f"has {len(content)} bytes, the lock says {len(CONTENT)}"):
        check_file(file, size=len(CONTENT), sha256=SHA256)


@given(st.integers(0, len(CONTENT) * 8 - 1))
def test_any_flipped_bit_is_said(file: Path, bit: int) -> None:
    content = bytearray(CONTENT)
    content[bit // 8] ^= 1 << bit % 8
    file.write_bytes(content)
    with pytest.raises(CouldNotDo, match=f"has sha256 [0-9a-f]{{64}}, the lock says {SHA256}"):
        check_file(file, size=len(CONTENT), sha256=SHA256)
