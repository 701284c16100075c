"""Other surroundings for a script, as far as they show outside of a build."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from builder.runtime.varied import Changes, busy, not_shown, place_for

LIST = """
import os, sys
from builder.runtime.listing import reverse_if_asked
before = os.listdir(sys.argv[1]), [entry.name for entry in os.scandir(sys.argv[1])]
reverse_if_asked()
assert os.listdir(path=sys.argv[1]) == os.listdir(sys.argv[1])
with os.scandir(path=sys.argv[1]) as entries:
    assert len(list(entries)) == 3
os.chdir(sys.argv[1])
assert os.listdir() == os.listdir(None) and len(list(os.scandir())) == 3
with os.scandir(sys.argv[1]) as entries:
    after = os.listdir(sys.argv[1]), [entry.name for entry in entries]
print(all(a == b[::-1] for a, b in zip(after, before)), all(a == b for a, b in zip(after, before)))
"""


def test_environment_is_added_to_and_reversed() -> None:
    changes = Changes(environment={"B": "2", "C": "3"}, reversed=True)
    assert list(changes.applied({"A": "1", "B": "1"}, None).items()) == [("C", "3"), ("B", "2"), ("A", "1")]


def test_scratch_folder_is_where_the_script_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "train.py").write_text("pass")
    monkeypatch.chdir(tmp_path)
    code, scratch = place_for(Changes(folder="another/folder"), tmp_path / "code")
    assert (code / "train.py").read_text() == "pass"
    assert Changes().applied({}, scratch)["TMPDIR"] == f"{tmp_path}/another/folder"


def test_unchanged_script_stays_where_it_is(tmp_path: Path) -> None:
    assert place_for(Changes(), tmp_path) == (tmp_path, None)


@pytest.mark.parametrize(("asked", "expected"), [("reversed", "True False"), ("", "False True")])
def test_directories_are_listed_the_other_way_round_where_asked(
    tmp_path: Path, asked: str, expected: str
) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).touch()
    done = subprocess.run(
        [sys.executable, "-c", LIST, str(tmp_path)],
        env={**os.environ, "SAMEBITS_DIRECTORY_ORDER": asked},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == expected


def test_busy_processes_end_with_the_script() -> None:
    def children() -> str:
        return Path(f"/proc/self/task/{os.getpid()}/children").read_text()

    before = children()
    with busy(Changes(load=2)):
        assert len(children().split()) == len(before.split()) + 2
    assert children() == before


def test_surroundings_that_cannot_be_had_are_the_machines_affair() -> None:
    """In a process of its own: no number of cores is 0."""
    done = subprocess.run(
        [sys.executable, "-c", "from builder.runtime.varied import Changes; Changes(cores=0).enter()"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "the surroundings cannot be changed" in done.stderr
    failure = not_shown(Changes(cores=0))
    assert (failure.kind, failure.sentence) == (
        "environment",
        "a build cannot be shown other surroundings here (cores 0)",
    )
