"""A ledger into which somebody wrote, or from which something is gone: no answer is better than a wrong one."""

import sqlite3
from collections.abc import Callable

import pytest

from tests.gate.running import Said, verify
from tests.gate.scene import KEYS, Gate, public
from tests.gate.test_audit import audit
from verifier.canonical import canonical
from verifier.ledger.entries import KINDS, make_entry
from verifier.signing.sign import KeySigner
from verifier.signing.statement import Statement, statement_bytes


def execute(gate: Gate, *statements: str) -> None:
    """What the owner of the database can do."""
    connection = sqlite3.connect(gate.ledger)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def forge(gate: Gate, body: dict, kind: str = "admission", time: str = "2026-11-26T00:00:00Z") -> None:
    """Appends an entry whose digests are right, and whose words nobody here would have written."""
    connection = sqlite3.connect(gate.ledger)
    count, previous = connection.execute("SELECT count, sha256 FROM samebits_head").fetchone()
    entry = make_entry(number=count + 1, time=time, kind=kind, subject="tiny", body=body, previous=previous)
    row = entry.document | {"body": canonical(entry.body).decode()}
    names = ("number", "time", "kind", "subject", "body", "previous", "sha256")
    values = tuple(row[name] for name in names)
    connection.execute("INSERT INTO samebits_entries VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    connection.execute("UPDATE samebits_head SET count = ?, sha256 = ?", (entry.number, entry.sha256))
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "body",
    [
        {"channel": "production"},
        {"channel": "production", "version": "1.0.0", "root_sha256": 3},
        {"channel": "production", "version": None, "root_sha256": "0" * 64},
        {"channel": "production", "version": "x y", "root_sha256": "0" * 64},
        {"channel": "production", "version": "1.0.0", "root_sha256": "0" * 63},
    ],
)
def test_admission_that_does_not_say_of_what_admits_nothing(body: dict, gate: Gate) -> None:
    forge(gate, body)
    said = verify(gate)
    assert said.code == 3
    assert "entry 1 of the ledger is no admission" in said.err


def test_entry_without_a_time_is_followed_by_none(gate: Gate) -> None:
    forge(gate, {}, kind="check", time="yesterday")
    said = verify(gate)
    assert said.code == 3
    assert "has no time" in said.err
    assert audit(gate, "check").code == 1


@pytest.mark.parametrize("sources", [None, 5, "numpy", ["numpy"], {"name": "numpy"}])
def test_admission_that_does_not_say_what_it_is_made_from_is_named(sources: object, gate: Gate) -> None:
    forge(gate, {"channel": "production", "sources": sources})
    said = audit(gate, "deployed", "numpy")
    assert said.code == 3
    assert "entry 1 of the ledger does not say" in said.err


@pytest.mark.parametrize("body", [{}, {"reasons": 3, "exceptions": 4, "version": [], "channel": {}}])
def test_log_shows_any_words(body: dict, gate: Gate) -> None:
    for kind in KINDS:
        forge(gate, body, kind=kind)
    assert audit(gate, "log").code == 0


def gone(number: int) -> Callable[[Gate], None]:
    def remove(gate: Gate) -> None:
        statement = f"DELETE FROM samebits_entries WHERE number = {number}"
        execute(gate, 'DROP TRIGGER "samebits_no_DELETE"', statement)

    return remove


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("question", [("log",), ("deployed", "numpy")])
def test_question_to_a_ledger_with_a_gap_has_no_answer(
    question: tuple[str, ...], number: int, gate: Gate
) -> None:
    assert verify(gate).code == 0
    gone(number)(gate)
    said = audit(gate, *question)
    assert (said.code, said.document) == (3, None)
    assert "the ledger was changed" in said.err


@pytest.mark.parametrize("number", [1, 2])
def test_gate_does_not_decide_by_a_ledger_with_a_gap(number: int, gate: Gate) -> None:
    """What is gone may be the very admission that a rollback is measured by."""
    assert verify(gate).code == 0
    assert verify(gate).code == 0
    gone(number)(gate)
    said = verify(gate)
    assert (said.code, said.document) == (3, None)
    assert "the ledger counts 3 entries, and there are 2" in said.err


@pytest.mark.parametrize(
    "values",
    [
        "number, time, kind, subject, '{}', previous, sha256",
        "99, time, kind, subject, '{}', previous, 'x'",
        "99, time, kind, subject, '{}', 'x', sha256",
    ],
)
def test_entry_is_not_replaced_by_inserting_another(values: str, gate: Gate) -> None:
    assert verify(gate).code == 0
    insert = f"INSERT OR REPLACE INTO samebits_entries SELECT {values} FROM samebits_entries WHERE number = 1"
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        execute(gate, insert)
    assert audit(gate, "check").code == 0


def held_against(gate: Gate, predicate: dict) -> Said:
    """What a check says to a checkpoint that is signed, and says this."""
    kind = "urn:samebits:checkpoint:v1"
    statement = Statement(name="ledger", sha256="0" * 64, predicate_type=kind, predicate=predicate)
    checkpoint, key = gate.folder / "checkpoint", gate.folder / "ci.pub"
    checkpoint.write_bytes(KeySigner(KEYS["ci"]).sign(statement_bytes(statement)))
    key.write_text(public("ci"))
    return audit(gate, "check", "--checkpoint", checkpoint, "--key", key)


@pytest.mark.parametrize("count", [-1, -50, True, 1.0, "1", None])
def test_checkpoint_counts_from_nothing_up(count: object, gate: Gate) -> None:
    assert verify(gate).code == 0
    assert held_against(gate, {"count": count}).code == 2


def test_checkpoint_of_an_empty_ledger_holds_for_ever(gate: Gate) -> None:
    assert verify(gate).code == 0
    assert held_against(gate, {"count": 0}).code == 0
