"""Names that are no text, look like others, or lead in a circle: refused or said, and never a traceback."""

import os
from pathlib import Path

import pytest

from tests.gate.running import said_by, verify
from tests.gate.scene import Gate, private
from verifier.ledger.ledger import open_ledger

NO_TEXT = os.fsdecode(b"a\xff")


@pytest.fixture
def key(gate: Gate) -> Path:
    path = gate.folder / "key.pem"
    path.write_bytes(private("bob"))
    return path


@pytest.mark.parametrize("name", [NO_TEXT, "a\nb", "a\u202eb"])
def test_statement_in_a_file_of_such_a_name_is_refused_and_that_is_on_record(name: str, gate: Gate) -> None:
    next(gate.statements.glob("evaluation*")).rename(gate.statements / name)
    assert verify(gate).reasons == {"unsafe-name", "missing-statement"}
    with open_ledger(str(gate.ledger)) as ledger:
        assert ledger.entries()[-1].body["reasons"] == ["unsafe-name", "missing-statement"]


def test_bundle_and_policy_of_such_a_name_are_on_record_as_they_are_shown(gate: Gate, key: Path) -> None:
    bundle, policy = (
        gate.bundle.rename(gate.folder / NO_TEXT),
        gate.policy.rename(gate.folder / f"{NO_TEXT}.yaml"),
    )
    (bundle / "more").touch()
    arguments = [str(policy) if word == str(gate.policy) else word for word in gate.arguments]
    arguments[1] = str(bundle)
    summary = ["--summary", str(gate.folder / "summary"), "--summary-key", str(key)]
    assert said_by(*arguments, "--statements", str(gate.statements), *summary).code == 1
    with open_ledger(str(gate.ledger)) as ledger:
        assert ledger.entries()[-1].subject == r"a\xdcff"
    assert (gate.folder / "summary").exists()


@pytest.mark.parametrize("name", [NO_TEXT, "", " ", "production ", "prod\u200buction", "cafe\u0301"])
def test_channel_that_could_be_taken_for_another_is_bad_input(name: str, gate: Gate) -> None:
    said = verify(gate, "--channel", name)
    assert said.code == 2
    assert "is no name of a channel" in said.err


def test_comment_that_is_no_text_is_bad_input(gate: Gate, key: Path) -> None:
    who = ["--as", "bob", "--policy", str(gate.policy), "--key", str(key), "--ledger", str(gate.ledger)]
    said = said_by("approve", str(gate.bundle), *who, "--comment", NO_TEXT)
    assert said.code == 2
    assert "is no text in UTF-8" in said.err
    with open_ledger(str(gate.ledger)) as ledger:
        assert ledger.entries() == []


@pytest.mark.parametrize("option", ["--install", "--summary", "--json"])
def test_links_in_a_circle_are_bad_input(option: str, gate: Gate, key: Path) -> None:
    place = gate.folder / "circle"
    place.symlink_to("circle")
    more = ["--summary-key", str(key)] if option == "--summary" else []
    said = said_by(*gate.arguments, option, str(place), *more)
    assert said.code == 2
    assert "lead in a circle" in said.err


def test_export_below_links_in_a_circle_is_bad_input(gate: Gate, key: Path) -> None:
    (gate.folder / "circle").symlink_to("circle")
    place = str(gate.folder / "circle" / "package")
    said = said_by(
        "audit", "export", str(gate.bundle), "--ledger", str(gate.ledger), "--key", str(key), "-o", place
    )
    assert said.code == 2
    assert "lead in a circle" in said.err
