"""Files of verdicts that lie, or hold numbers that nothing can draw: a sentence, and never *verified*."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands import run_here
from tests.unit.sites import document, put_verdicts, row, site, verdict
from verifier.errors import BadInput
from verifier.report.html.site import site_pages
from verifier.report.run import Run
from verifier.report.sarif import sarif_document
from verifier.report.stored import MOST_BYTES, read_runs
from verifier.verdict import Status

HUGE = 10**400
Json = dict
HASHES = {"first_sha256": "0" * 64, "second_sha256": "1" * 64}


def in_metrics(value: Json) -> None:
    value["verdicts"][0]["metrics"]["accuracy"] = HUGE


def in_resources(value: Json) -> None:
    value["verdicts"][0]["resources"]["first"]["train"]["wall_seconds"] = -HUGE


def in_a_line(value: Json) -> None:
    value["verdicts"][0]["rows"][0]["place"] = {"file": "train.py", "line": HUGE}


def refused(path: Path) -> str:
    """Returns why a file gives no report; a site says the same, and shows nothing of it."""
    with pytest.raises(BadInput) as caught:
        read_runs(path)
    found = site(verdicts=[path])
    assert found.models == () and found.problems == (f"{caught.value.sentence}.",)
    return caught.value.sentence


@pytest.mark.parametrize("put", [in_metrics, in_resources, in_a_line])
def test_number_that_no_double_holds_is_refused(put: Callable[[Json], None], tmp_path: Path) -> None:
    value = document(verdict())
    put(value)
    assert "is too large a number" in refused(put_verdicts(tmp_path / "v.json", value))


def test_row_that_passed_with_two_hashes_is_refused(tmp_path: Path) -> None:
    path = put_verdicts(tmp_path / "v.json", document(verdict(rows=(row(**HASHES),))))
    assert refused(path).endswith("contradicts itself: rebuild train of tiny passed with two hashes")


def test_hashes_may_differ_within_a_tolerance_and_where_the_row_says_so(tmp_path: Path) -> None:
    tolerant = verdict(rows=(row(**HASHES),), level="within tolerance")
    failed = verdict(rows=(row(status=Status.FAILED, **HASHES),))
    (run,) = read_runs(put_verdicts(tmp_path / "v.json", document(tolerant, failed)))
    assert [one.verified for one in run.verdicts] == [True, False]


@pytest.mark.parametrize("kind", ["junit", "sarif", "markdown", "github", "html"])
def test_verdict_that_calls_itself_verified_is_what_its_rows_say(kind: str, tmp_path: Path) -> None:
    value = document(verdict(rows=(row(status=Status.FAILED),)))
    value["exit_code"], value["verdicts"][0]["verified"] = 0, True
    code, out, _ = run_here("report", kind, "-", "--verdicts", str(put_verdicts(tmp_path / "v.json", value)))
    assert code == 0
    marks = {"junit": 'failures="1"', "sarif": '"exitCode": 1', "html": "Not verified"}
    assert marks.get(kind, "NOT VERIFIED") in out


@pytest.mark.parametrize("rows", [(), (row(status=Status.FAILED, inherited=True),)])
def test_what_is_not_verified_is_an_error_in_every_format(rows: tuple[()]) -> None:
    found = sarif_document(Run(time="", verdicts=(verdict(rows=rows),)))
    assert '"level": "error", "message"' in json.dumps(found)


def test_file_without_end_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "v.json"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(BadInput, match="is larger than"):
        read_runs(path)


def test_name_that_no_file_can_have_is_bad_input(tmp_path: Path) -> None:
    code, _, said = run_here("report", "html", str(tmp_path / "x.html"), "--verdicts", "a" * 300)
    assert code == 2 and "File name too long" in said


def test_name_of_a_report_does_not_write_to_the_terminal(tmp_path: Path) -> None:
    path = put_verdicts(tmp_path / "v.json", document(verdict()))
    code, out, _ = run_here("report", "html", str(tmp_path / "x\x1b[31m.html"), "--verdicts", str(path))
    assert code == 0 and "x\\x1b[31m.html" in out


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_first_and_last_time_of_the_calendar_can_be_drawn(time: str, tmp_path: Path) -> None:
    put_verdicts(tmp_path / "v.json", document(verdict(), time=time))
    assert "index.html" in dict(site_pages(site(verdicts=[tmp_path])))
