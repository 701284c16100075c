"""Workflow commands: read as GitHub's runner reads them, and no foreign text gives another command."""

import re
from dataclasses import replace

import pytest
from hypothesis import given

from tests.unit.plans import make_row
from tests.unit.reported import FAILED, HOSTILE, UNCHECKED, WARNED, make_run, many, named, texts, whole_run
from verifier.report.annotations import github_annotations
from verifier.report.printable import printable
from verifier.report.run import Run
from verifier.verdict import Place

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def commands(run: Run) -> list[tuple[str, dict[str, str], list[str]]]:
    """Returns kind, properties and lines of each command, unescaped."""
    lines = github_annotations(run).removesuffix("\n").split("\n")
    found = [COMMAND.fullmatch(line) for line in lines]
    assert None not in found
    return [_read(match) for match in found if match]


def _read(match: re.Match[str]) -> tuple[str, dict[str, str], list[str]]:
    stated = dict(part.split("=", 1) for part in match[2].split(","))
    properties = {name: _unescaped(value) for name, value in stated.items()}
    return match[1], properties, _unescaped(match[3]).split("\n")


def _unescaped(text: str) -> str:
    for sign, code in ((":", "%3A"), (",", "%2C"), ("\r", "%0D"), ("\n", "%0A"), ("%", "%25")):
        text = text.replace(code, sign)
    return text


def test_failure_is_an_error_at_its_line() -> None:
    (kind, properties, lines), *_ = commands(make_run(FAILED))
    assert kind == "error"
    assert properties == {
        "file": "models/tiny/train.py",
        "line": "7",
        "title": "failed: tiny 1.0.0: rebuild train",
    }
    assert lines[:4] == [
        "the builds differ",
        "artefact: train/weights.safetensors",
        "step: train",
        "test: rebuild train",
    ]
    assert "run again: verifier check tiny --again" in lines


@pytest.mark.parametrize(("row", "kind"), [(FAILED, "error"), (UNCHECKED, "error"), (WARNED, "warning")])
def test_what_makes_the_exit_code_is_an_error(row: object, kind: str) -> None:
    assert commands(make_run(row))[0][0] == kind  # type: ignore[arg-type]


def test_run_is_summed_up_in_a_notice() -> None:
    assert commands(make_run(make_row())) == [
        ("notice", {"title": "verifier check"}, ["verified: tiny 1.0.0"])
    ]


def test_alert_without_a_place_in_the_repository_has_no_file() -> None:
    found = commands(make_run(replace(FAILED, place=Place(file="/etc/passwd", line=1))))
    assert "file" not in found[0][1]


def test_order_is_errors_warnings_notice() -> None:
    assert [kind for kind, _, _ in commands(whole_run())] == ["error"] * 3 + ["warning", "notice"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_gives_no_other_command(text: str) -> None:
    found = commands(named(text))
    assert [kind for kind, _, _ in found] == ["error", "error", "error", "warning", "notice"]
    assert found[1][2][0] == printable(text)


@given(texts)
def test_any_text_is_read_back(text: str) -> None:
    found = commands(named(text))
    assert [kind for kind, _, _ in found] == ["error", "error", "error", "warning", "notice"]
    assert found[0][2][0] == printable(text)[:500] or len(printable(text)) > 500


def test_no_more_are_printed_than_github_shows() -> None:
    found = commands(many(5))
    assert len(found) == 11
    assert found[9][2] == ["21 more like these: the summary and the reports have them"]


def test_ten_are_all_shown() -> None:
    assert "more like these" not in github_annotations(many(2, rows=5))
