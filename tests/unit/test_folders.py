"""Working folders of the verifier: swept after a crash, left alone while somebody holds them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from verifier.rebuild.folders import cache_root, copy_tree, remove_tree, state_root, working_folder

HOLD = """
import time
from verifier.rebuild.folders import working_folder
with working_folder() as folder:
    (folder / "held").touch()
    print(folder, flush=True)
    time.sleep(60)
"""
# Root may remove anything, so this is done by somebody else where we are root.
REMOVE_AS_USER = """
import os, sys, tempfile
from pathlib import Path
from verifier.rebuild.folders import remove_tree
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
top = Path(tempfile.mkdtemp(dir="/tmp"))
(top / "tree" / "below").mkdir(parents=True)
(top / "tree" / "below" / "file").touch(0o444)
(top / "tree" / "below").chmod(0o555)
(top / "tree").chmod(0o555)
remove_tree(top / "tree")
left = os.listdir(top)
remove_tree(top)
sys.exit(f"left: {left}" if left else 0)
"""


# A read-only folder cannot be renamed by its owner, unless the owner is root.
COPY_AS_USER = """
import os, tempfile
from pathlib import Path
from verifier.rebuild.folders import copy_tree, remove_tree
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
top = Path(tempfile.mkdtemp(dir="/tmp"))
(top / "store").mkdir()
(top / "store" / "file").touch(0o444)
(top / "store").chmod(0o555)
for _ in range(2):
    copy_tree(top / "store", top / "kept" / "copy")
print(os.listdir(top / "kept"), os.listdir(top / "kept" / "copy"))
remove_tree(top)
"""


def run_code(code: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-c", code]
    return subprocess.run(argv, cwd=REPOSITORY, capture_output=True, text=True, check=False)


@pytest.fixture
def holder() -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that holds a working folder, and the folder."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_working_folder_is_empty_and_ours() -> None:
    with working_folder() as folder:
        assert folder.parent == cache_root()
        assert [path.name for path in folder.iterdir()] == [".owner"]


def test_working_folder_is_gone_afterwards() -> None:
    with working_folder() as folder:
        (folder / "file").touch()
    assert list(cache_root().iterdir()) == []


def test_working_folder_is_gone_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), working_folder():
        _ = 1 / 0
    assert list(cache_root().iterdir()) == []


def test_two_working_folders_are_two() -> None:
    with working_folder() as first, working_folder() as second:
        assert first != second
        assert first.exists()


def test_folder_of_a_dead_process_is_swept(holder: tuple[subprocess.Popen[str], Path]) -> None:
    process, left = holder
    process.kill()
    process.wait()
    assert (left / "held").exists()
    with working_folder():
        assert not left.exists()


def test_folder_of_a_living_process_is_left_alone(holder: tuple[subprocess.Popen[str], Path]) -> None:
    _, held = holder
    with working_folder():
        assert (held / "held").exists()
    assert (held / "held").exists()


def test_folder_without_an_owner_is_swept() -> None:
    left = cache_root() / "check-new-left"
    (left / "store").mkdir(parents=True)
    with working_folder():
        assert not left.exists()


def test_folder_of_somebody_else_in_the_cache_is_left_alone() -> None:
    other = cache_root() / "staging-other"
    other.mkdir(parents=True)
    with working_folder():
        pass
    assert other.exists()


def test_read_only_tree_is_removed() -> None:
    done = run_code(REMOVE_AS_USER)
    assert done.returncode == 0, done.stderr


def test_link_to_a_folder_is_removed_without_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "link").symlink_to(tmp_path / "kept")
    remove_tree(tmp_path / "tree")
    assert (tmp_path / "kept").exists()
    assert not (tmp_path / "tree").exists()


def test_missing_tree_is_removed_already(tmp_path: Path) -> None:
    remove_tree(tmp_path / "none")


def test_copy_has_links_and_modes(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "run").touch(0o755)
    (tmp_path / "tree" / "link").symlink_to("run")
    copy_tree(tmp_path / "tree", tmp_path / "to" / "copy")
    assert (tmp_path / "to" / "copy" / "link").readlink() == Path("run")
    assert os.access(tmp_path / "to" / "copy" / "run", os.X_OK)


def test_copy_replaces_what_was_there(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
        copy_tree(tmp_path / name, tmp_path / "copy")
    assert os.listdir(tmp_path / "copy") == ["new"]
    assert sorted(os.listdir(tmp_path)) == ["copy", "new", "old"]


def test_read_only_tree_is_copied_and_the_copy_replaced() -> None:
    done = run_code(COPY_AS_USER)
    assert done.stdout == "['copy'] ['file']\n", done.stderr


def test_copy_in_the_place_of_a_link_leaves_what_it_led_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    (tmp_path / "kept").mkdir()
    (tmp_path / "copy").symlink_to("kept")
    copy_tree(tmp_path / "file", tmp_path / "copy")
    assert (tmp_path / "kept").is_dir()
    assert (tmp_path / "copy").read_text() == "content"


def test_single_file_can_be_copied(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    copy_tree(tmp_path / "file", tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "content"


@pytest.mark.parametrize("root", [state_root, cache_root])
def test_home_is_used_where_no_variable_names_another(
    root: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert root() in (tmp_path / ".local/state/samebits", tmp_path / ".cache/samebits")  # type: ignore[operator]
