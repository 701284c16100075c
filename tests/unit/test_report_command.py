"""`verifier report`: each format to a file or to stdout; bad verdicts and places say so, and change nothing."""

import json
from pathlib import Path

import pytest

from tests.commands import run_here
from tests.unit.test_stored import RUN, VERSION_1
from verifier.errors import BadInput
from verifier.report.document import run_document
from verifier.report.files import MAKERS, NAMES, refuse_folder, write_reports
from verifier.report.target import document_text


@pytest.fixture
def verdicts(tmp_path: Path) -> Path:
    path = tmp_path / "check.json"
    path.write_bytes(document_text(run_document(RUN)))
    return path


@pytest.mark.parametrize("kind", MAKERS)
def test_each_format_goes_to_a_file_and_to_stdout_alike(kind: str, verdicts: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    code, out, _ = run_here("report", kind, str(target), "--verdicts", str(verdicts))
    assert (code, out) == (0, f"written   {target}\n")
    _, printed, _ = run_here("report", kind, "-", "--verdicts", str(verdicts))
    assert printed == target.read_text(encoding="utf-8")
    assert "tiny" in printed


@pytest.mark.parametrize("kind", MAKERS)
def test_older_verdict_is_reported(kind: str, tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text(json.dumps(VERSION_1))
    assert run_here("report", kind, "-", "--verdicts", str(tmp_path / "old.json"))[0] == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"schema": "samebits/verdicts/v3"}', "newer Samebits"),
        ('{"schema": "samebits/ver', "cannot be read as JSON"),
        ("{}", "is not what `verifier check --json` writes"),
    ],
)
@pytest.mark.parametrize("kind", MAKERS)
def test_verdict_that_cannot_be_read_writes_nothing(kind: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(text)
    code, _, err = run_here("report", kind, str(tmp_path / "out"), "--verdicts", str(tmp_path / "bad.json"))
    assert (code, said in err) == (2, True)
    assert not (tmp_path / "out").exists()


def test_report_is_not_written_over_its_verdicts(verdicts: Path) -> None:
    before = verdicts.read_bytes()
    assert run_here("report", "html", str(verdicts), "--verdicts", str(verdicts))[0] == 2
    assert verdicts.read_bytes() == before


def test_place_that_cannot_be_written_is_bad_input(verdicts: Path, tmp_path: Path) -> None:
    code, _, err = run_here("report", "junit", str(tmp_path / "no" / "out"), "--verdicts", str(verdicts))
    assert (code, "cannot be written" in err) == (2, True)


def test_all_files_of_a_run_are_written(tmp_path: Path) -> None:
    assert write_reports(RUN, tmp_path) == tmp_path / "report.html"
    assert {path.name for path in tmp_path.iterdir()} == {"verdicts.json", *NAMES.values()}


def test_folder_that_cannot_be_written_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BadInput, match="--report"):
        refuse_folder(tmp_path / "file")
    with pytest.raises(BadInput, match="--report"):
        refuse_folder(Path("/proc/none"))
    refuse_folder(tmp_path / "new" / "folder")
    assert list((tmp_path / "new" / "folder").iterdir()) == []
