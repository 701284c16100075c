"""The verdict as JSON: whole or not at all, and the same facts that the text has."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.unit.plans import make_row, make_verdict
from verifier.errors import BadInput
from verifier.report.document import comparison_document, run_document
from verifier.report.run import Run, trouble_of
from verifier.report.target import write_document
from verifier.schemas import OWN
from verifier.verdict import Kept, Status


def matches(document: dict[str, object], schema: str) -> bool:
    value = json.loads((OWN / schema).read_text())
    return Draft202012Validator(value).is_valid(json.loads(json.dumps(document)))


def test_document_of_verdicts_matches_its_schema() -> None:
    rows = make_row(), make_row(Status.FAILED, differences=("a: differs",)), make_row(Status.NOT_CHECKED)
    used = {"first": {"train": {"wall_seconds": 1.5}}, "second": {}}
    verdict = make_verdict(*rows, kept=(Kept(subject="train", first="a", second="b"),), resources=used)
    trouble = trouble_of("other", BadInput("no such model", advice="Look."))
    run = Run(time="2026-11-26T01:02:03Z", verdicts=(verdict,), troubles=(trouble,))
    assert matches(run_document(run), "verdicts.schema.json")


def test_document_says_verified_only_of_what_is() -> None:
    verdicts = (make_verdict(make_row()), make_verdict(), make_verdict(make_row(Status.NOT_CHECKED)))
    document = json.loads(json.dumps(run_document(Run(time="", verdicts=verdicts))))
    assert [verdict["verified"] for verdict in document["verdicts"]] == [True, False, False]


def test_document_of_a_comparison_matches_its_schema() -> None:
    assert matches(comparison_document("a", "b", ["x: differs"]), "comparison.schema.json")


def test_document_lists_more_files_than_the_text() -> None:
    lines = [f"{number}: differs" for number in range(100)]
    assert comparison_document("a", "b", lines)["differences"] == lines


def test_written_document_can_be_read_back(tmp_path: Path) -> None:
    write_document({"schema": "ü"}, str(tmp_path / "out.json"))
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8")) == {"schema": "ü"}


def test_dash_is_stdout(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_document({"schema": "ü"}, "-")
    assert capsys.readouterr().out == '{\n  "schema": "ü"\n}\n'
    assert list(tmp_path.iterdir()) == []


def test_new_document_replaces_the_file_and_never_writes_into_it(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    write_document({"number": 1}, str(target))
    with target.open() as reader:
        write_document({"number": 2}, str(target))
        assert json.load(reader) == {"number": 1}
    assert json.loads(target.read_text()) == {"number": 2}


def test_document_that_cannot_be_placed_leaves_nothing_beside(tmp_path: Path) -> None:
    (tmp_path / "out.json").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_document({}, str(tmp_path / "out.json"))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []
