"""A ledger that many share by URL: what each role may do, what is shown of it, and gates that ask at once."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from tests.gate.running import said_by, verify
from tests.gate.scene import Gate, make_gate
from tests.integration.ledgers import intact, write
from tests.integration.postgresql import Server
from verifier.errors import CouldNotCheck
from verifier.ledger.database import connected
from verifier.ledger.entries import ADMISSION
from verifier.ledger.ledger import open_ledger

ROLES = (
    "CREATE ROLE writer LOGIN",
    "GRANT SELECT, INSERT ON samebits_entries TO writer",
    "GRANT SELECT, UPDATE ON samebits_head TO writer",
    "CREATE ROLE reader LOGIN",
    "GRANT SELECT ON samebits_entries, samebits_head TO reader",
)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE samebits_entries SET kind = 'check'",
        "DELETE FROM samebits_entries",
        "TRUNCATE samebits_entries",
        "DELETE FROM samebits_head",
        "DROP TRIGGER samebits_append_only ON samebits_entries",
        "ALTER TABLE samebits_entries DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
    ],
)
def test_role_of_the_reference_writes_and_cannot_do_more(
    statement: str, running: Server, database: str, ledger: str
) -> None:
    with roles(running, database):
        as_writer = running.url(database, role="writer")
        write(as_writer)
        with connected(as_writer) as engine, pytest.raises(DBAPIError, match=r"denied|must be owner"):
            execute(engine, statement)
        assert intact(as_writer) == 1


def test_role_that_may_only_read_checks_and_cannot_write(running: Server, database: str, ledger: str) -> None:
    write(ledger)
    with roles(running, database):
        as_reader = running.url(database, role="reader")
        assert intact(as_reader) == 1
        with pytest.raises(CouldNotCheck, match="permission denied"):
            write(as_reader)


def execute(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)


@contextmanager
def roles(running: Server, database: str) -> Iterator[None]:
    running.sql(*ROLES, database=database)
    try:
        yield
    finally:
        running.sql("DROP OWNED BY writer, reader", "DROP ROLE writer, reader", database=database)


@pytest.mark.parametrize(
    ("place", "code"), [("/nowhere", 3), ("{folder}", 3), ("{folder}&user=samebits&sslpassword=hush", 2)]
)
def test_password_is_never_shown(place: str, code: int, running: Server, database: str) -> None:
    where = place.format(folder=running.folder)
    said = said_by(
        "audit", "check", "--ledger", f"postgresql://me:hush@/{database}?password=hush&host={where}"
    )
    assert said.code == code
    assert "hush" not in said.out + said.err


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    return make_gate(tmp_path_factory.mktemp("gate"))


def test_gate_admits_and_refuses_by_a_shared_ledger(gate: Gate, ledger: str) -> None:
    assert verify(gate, "--ledger", ledger).code == 0
    assert intact(ledger) >= 1
    with open_ledger(ledger) as opened, opened.locked() as book:
        newer = {"version": "2.0.0", "root_sha256": "0" * 64, "channel": "production"}
        book.append(ADMISSION, "tiny", newer)
    assert verify(gate, "--ledger", ledger).reasons == {"rollback"}


def test_gates_that_ask_at_once_are_all_written_down(gate: Gate, ledger: str) -> None:
    argv = [sys.executable, "-m", "verifier", *gate.arguments, "--ledger", ledger]
    asking = [subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(4)]
    said = [process.communicate()[0] for process in asking]
    assert [process.returncode for process in asking] == [0] * 4, said
    assert intact(ledger) >= 4
    with open_ledger(ledger) as opened:
        assert [entry.kind for entry in opened.entries()].count(ADMISSION) == 4
