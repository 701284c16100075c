"""`verifier compare` on odd names and without leave: a sentence and an exit code, never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY


def compare(a: Path, b: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "verifier", "compare", os.fsencode(a), os.fsencode(b), *arguments]
    # Strict, as in any locale but C.
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONIOENCODING": "utf-8:strict"}
    return subprocess.run(
        argv, capture_output=True, text=True, errors="replace", check=False, env=environment
    )


def test_name_that_is_no_text_can_be_reported(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "b" / os.fsdecode(b"\xff")).touch()
    done = compare(tmp_path / "a", tmp_path / "b", "--json", str(tmp_path / "out.json"))
    assert "Traceback" not in done.stderr
    assert done.returncode == 1
    assert len(json.loads((tmp_path / "out.json").read_bytes())["differences"]) == 1


def test_folders_whose_names_are_no_text_can_be_compared(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"\xff")
    odd.mkdir()
    done = compare(odd, odd)
    assert "Traceback" not in done.stderr
    assert done.returncode == 0


# Root may write everywhere, so that this is done by somebody else where we are root.
COMPARE_AT_THE_ROOT = """
# Before root is left, whose Python others may not read:
import locale, os, shutil, sys, verifier.commands.compare
from verifier.cli import main
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
os.chdir("/")
sys.exit(main(["compare", "/etc/hostname", "/etc/hostname"]))
"""


def test_comparing_in_a_folder_that_is_not_ours_needs_no_leave_to_write() -> None:
    argv = [sys.executable, "-c", COMPARE_AT_THE_ROOT]
    done = subprocess.run(argv, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# Root may read everything, so that this is done by somebody else where we are root.
COMPARE_AS_USER = """
import locale, os, sys, tempfile, verifier.commands.compare  # before root is left
from pathlib import Path
from verifier.cli import main
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
with tempfile.TemporaryDirectory(dir="/tmp") as folder:
    for name in ("a", "b"):
        (Path(folder) / name).mkdir()
        (Path(folder) / name / "secret").touch()
        (Path(folder) / name / "secret").chmod(0 if name == "b" else 0o644)
    os.chdir(folder)
    code = main(["compare", "a", "b"])
sys.exit(code)
"""


def test_unreadable_file_is_said_to_the_user() -> None:
    argv = [sys.executable, "-c", COMPARE_AS_USER]
    done = subprocess.run(argv, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert "b/secret cannot be read" in done.stderr
    assert done.returncode == 2
