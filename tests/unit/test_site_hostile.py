"""What would make a site hide a failure, end in a traceback, or take somebody's work away."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.commands import run_here
from tests.conftest import REPOSITORY
from tests.unit.sites import document, page, put_verdicts, row, site, trouble, verdict
from verifier.errors import BadInput
from verifier.report.html.plots.timeline import timeline
from verifier.site.records import Outcome
from verifier.site.verdict_files import Checked, read_verdict_file, verdict_in
from verifier.site.write import MARK, refuse_site, write_site
from verifier.verdict import Status

FAILED = (row("train", Status.FAILED),)
PARENT = """
import os, sys
from verifier.site.workers import workers
with workers() as pool:
    print(*pool.each(abs, [1], at_once=1), *pool._executor._processes, flush=True)
    sys.stdin.read()
"""


def test_check_that_is_dated_in_the_future_hides_nothing(tmp_path: Path) -> None:
    put_verdicts(tmp_path / "a.json", document(verdict(), time="2999-01-01T00:00:00Z"))
    put_verdicts(tmp_path / "b.json", document(verdict(rows=FAILED)))
    found = site(verdicts=[tmp_path])
    assert [one.verified for one in found.models[0].outcomes] == [False, True]
    (said,) = found.problems
    assert (
        said.startswith(str(tmp_path / "a.json")) and "2999-01-01T00:00:00Z, which is still to come" in said
    )


def test_check_of_a_clock_that_is_a_little_ahead_keeps_its_time(tmp_path: Path) -> None:
    put_verdicts(tmp_path / "a.json", document(verdict(), time="2026-11-26T12:04:00Z"))
    assert site(verdicts=[tmp_path]).problems == ()


def test_of_two_checks_at_one_time_the_worse_counts(tmp_path: Path) -> None:
    put_verdicts(tmp_path / "a.json", document(verdict("1.0.0", FAILED)))
    put_verdicts(tmp_path / "b.json", document(verdict("2.0.0")))
    assert not page(verdicts=[tmp_path]).outcomes[0].verified


def test_verdict_and_trouble_of_one_model_are_no_success(tmp_path: Path) -> None:
    put_verdicts(tmp_path / "a.json", document(verdict(), troubles=(trouble(),)))
    assert not page(verdicts=[tmp_path]).outcomes[0].verified


def test_folders_within_folders_have_no_depth_that_ends_it(tmp_path: Path) -> None:
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(tmp_path)
        for _ in range(1200):
            Path("d").mkdir()
            os.chdir("d")
        Path("v.json").write_text(json.dumps(document(verdict())))
    finally:
        os.fchdir(here)
        os.close(here)
    try:
        assert page(verdicts=[tmp_path]).outcomes
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)  # shutil calls itself for each, too


def test_verdict_of_a_file_that_was_replaced_meanwhile_is_not_shown(tmp_path: Path) -> None:
    path = put_verdicts(tmp_path / "v.json", document(verdict(rows=FAILED)))
    (checked,) = read_verdict_file(path).checks
    assert isinstance(checked, Checked) and verdict_in(checked) is not None
    put_verdicts(path, document(verdict()))
    assert verdict_in(checked) is None


def outcome(when: str) -> Outcome:
    return Outcome(time=when, version="1", verified=True, level="", identifier=None, not_passed=(), source="")


def test_timeline_has_room_for_all_times_of_the_calendar() -> None:
    both = outcome("9999-12-31T23:59:59Z"), outcome("0001-01-01T00:00:00Z")
    for outcomes in (both, both[:1], both[1:]):
        assert "Checks over time" in (timeline("k", outcomes) or "")


@pytest.mark.parametrize("name", [".git", ".nojekyll"])
def test_site_that_somebody_publishes_from_is_not_replaced(name: str, tmp_path: Path) -> None:
    write_site(tmp_path / "site", [("index.html", "one")])
    (tmp_path / "site" / name).mkdir()
    with pytest.raises(BadInput, match=f"holds {name}, which no site has"):
        write_site(tmp_path / "site", [("index.html", "two")])
    assert (tmp_path / "site" / name).is_dir() and (tmp_path / "site" / MARK).is_file()


@pytest.mark.parametrize("below", ["", "models"])
def test_folder_that_one_stands_in_is_not_taken_away(
    below: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_site(tmp_path / "site", [("index.html", "one"), ("models/x.html", "x")])
    monkeypatch.chdir(tmp_path / "site" / below)
    with pytest.raises(BadInput, match="you stand in it"):
        refuse_site(tmp_path / "site")


def test_site_has_no_form_in_json(tmp_path: Path) -> None:
    target = tmp_path / "x.json"
    code, _, said = run_here("report", "--json", str(target), "site", str(tmp_path / "s"), "--models", "/")
    assert (code, target.exists()) == (2, False) and "--json" in said


def test_processes_end_with_a_command_that_is_killed() -> None:
    if len(os.sched_getaffinity(0)) == 1:
        pytest.skip("one core: there are no processes")
    command = [sys.executable, "-B", "-c", PARENT]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=-1, stdout=-1, text=True) as parent:
        assert parent.stdout is not None
        first, *workers = parent.stdout.readline().split()
        assert first == "1" and workers
        parent.kill()
    ends = time.monotonic() + 10
    while left := [one for one in workers if _runs(one)]:
        assert time.monotonic() < ends, left
        time.sleep(0.05)


def _runs(process: str) -> bool:
    try:
        return Path("/proc", process, "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
