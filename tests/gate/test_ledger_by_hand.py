"""A ledger that somebody wrote by hand, each digest right: it is said, and nothing is admitted by it."""

import sqlite3
from contextlib import closing

import pytest

from tests.gate.running import said_by, verify
from tests.gate.scene import Gate
from verifier.ledger.entries import BEGINNING, CHECK, make_entry

NOON = "2026-11-20T12:00:00Z"


def written(gate: Gate, *, count: object = 1, number: int = 1, time: str = NOON) -> None:
    entry = make_entry(number=number, time=time, kind=CHECK, subject="tiny", body={}, previous=BEGINNING)
    row = (number, time, CHECK, "tiny", "{}", BEGINNING, entry.sha256)
    with closing(sqlite3.connect(gate.ledger)) as database, database:
        database.execute("insert into samebits_entries values (?, ?, ?, ?, ?, ?, ?)", row)
        database.execute("update samebits_head set count = ?, sha256 = ?", (count, entry.sha256))


@pytest.mark.parametrize(
    "odd",
    [
        {"time": "yesterday"},
        {"count": ""},
        {"count": "many"},
        {"count": 1.5},
        {"count": -1},
        {"count": 2**63 - 1, "number": 2**63 - 1},
    ],
    ids=str,
)
def test_it_is_said(odd: dict, gate: Gate) -> None:
    written(gate, **odd)
    said = verify(gate)
    assert said.code == 3
    assert "audit check" in said.err
    assert said_by("audit", "check", "--ledger", str(gate.ledger)).code == 1
