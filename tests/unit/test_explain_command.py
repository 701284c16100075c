"""`verifier explain`: exit codes, the text, the document, and nothing that can write to the terminal."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.conftest import REPOSITORY
from tests.unit.traces import write_trace
from verifier import cli
from verifier.explain.findings import Cause, Explanation, Fact, Finding
from verifier.report.document import explanation_document
from verifier.report.explained import explanation_lines, explanation_text
from verifier.schemas import OWN

EVIL = "\x1b[2Jevil\r\u202e"


def make_explanation(word: str = "x", **fields: object) -> Explanation:
    finding = Finding(path=word, place=word, sentence=word, facts=frozenset({Fact.ORDER}), step=word)
    cause = Cause(sentence=word, evidence=word, remedy=word)
    return Explanation(**{"findings": (finding,), "left_out": 0, "cause": cause, **fields})  # type: ignore[arg-type]


@pytest.fixture
def trees(tmp_path: Path) -> tuple[str, str]:
    write_trace(tmp_path / "first", 20)
    write_trace(tmp_path / "second", 20, changed=7)
    return str(tmp_path / "first"), str(tmp_path / "second")


def test_difference_gives_one_and_names_the_step(
    trees: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["explain", *trees]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "steps.jsonl"
    assert lines[1].startswith("  step 7: the loss is")
    assert lines[-1].startswith("different: ")


def test_equal_gives_zero(trees: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", trees[0], trees[0]]) == 0
    assert "the same to the last bit" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["none"], [".", "--limit", "0"], [".", "--json", "/"]])
def test_bad_input_gives_two_and_an_advice(
    arguments: list[str], trees: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["explain", trees[0], *arguments]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_link_that_nix_leaves_is_followed(trees: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "result").symlink_to(trees[0])
    assert cli.main(["explain", str(tmp_path / "result"), trees[0]]) == 0


def test_document_matches_its_schema(trees: tuple[str, str], tmp_path: Path) -> None:
    assert cli.main(["explain", *trees, "--json", str(tmp_path / "out.json")]) == 1
    document = json.loads((tmp_path / "out.json").read_text())
    Draft202012Validator(json.loads((OWN / "explanation.schema.json").read_text())).validate(document)
    assert document["findings"][0]["training_step"] == 7
    assert document["probable_cause"]["remedy"]


def test_document_of_what_is_equal_matches_its_schema() -> None:
    document = explanation_document("a", "b", Explanation(findings=(), left_out=0, cause=None))
    Draft202012Validator(json.loads((OWN / "explanation.schema.json").read_text())).validate(document)
    assert document["equal"] is True


def test_text_goes_beside_the_document(trees: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", *trees, "--json", "-"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["equal"] is False
    assert "step 7" in said.err


def test_limit_is_kept_and_the_rest_counted(
    trees: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    (Path(trees[0]) / "more.txt").write_text("in the first only")
    cli.main(["explain", *trees, "--limit", "1"])
    assert "… and 1 more" in capsys.readouterr().out


def test_cause_is_marked_probable() -> None:
    lines = explanation_lines(make_explanation())
    assert lines == ["x: x", "  x: x", "probable cause: x", "  evidence: x", "  usual remedy: x"]


def test_unknown_cause_is_said() -> None:
    assert explanation_lines(make_explanation(cause=None))[-1] == "probable cause: none that is known here"


def test_control_characters_are_escaped() -> None:
    text = explanation_text(EVIL, EVIL, make_explanation(EVIL))
    assert all(c.isprintable() or c == "\n" for c in text)
    assert "\\x1b[2Jevil" in text


@given(st.text())
def test_no_word_can_write_to_the_terminal_or_begin_a_line(word: str) -> None:
    assert len(explanation_lines(make_explanation(word))) == 5
    assert all(line.isprintable() for line in explanation_lines(make_explanation(word)))


# Root may read everything, so that this is done by somebody else where we are root.
EXPLAIN_AS_USER = """
import locale, os, sys, tempfile, verifier.commands.explain  # before root is left
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
    code = main(["explain", "a", "b"])
sys.exit(code)
"""


def test_unreadable_file_is_said_to_the_user() -> None:
    argv = [sys.executable, "-c", EXPLAIN_AS_USER]
    done = subprocess.run(argv, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert "b/secret cannot be read" in done.stderr
    assert done.returncode == 2


def test_name_that_is_no_text_can_be_explained(tmp_path: Path) -> None:
    for side in ("a", "b"):
        (tmp_path / side).mkdir()
        (tmp_path / side / os.fsdecode(b"\xff")).write_text(side)
    argv = [sys.executable, "-m", "verifier", "explain", "a", "b", "--json", "out.json"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, check=False, env=environment)
    assert done.returncode == 1, done.stderr
    assert json.loads((tmp_path / "out.json").read_bytes())["findings"][0]["place"] == "line 1"
