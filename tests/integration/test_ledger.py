"""The ledger in SQLite and in a real PostgreSQL: one writer at a time, all or nothing, every change is seen."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from tests.integration.postgresql import server
from verifier.cli import main
from verifier.ledger.checking import check_ledger
from verifier.ledger.database import begin_ledger
from verifier.ledger.ledger import open_ledger
from verifier.verdict import Status

WRITERS, EACH = 4, 20
TRIGGERS = {
    "sqlite": ('DROP TRIGGER "samebits_no_UPDATE"', 'DROP TRIGGER "samebits_no_DELETE"'),
    "postgresql": ("DROP TRIGGER samebits_append_only ON samebits_entries",),
}


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with server() as found:
        yield found.url()


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty ledger."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    else:
        url = request.getfixturevalue("database")
        with engine_of(url).begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    begin_ledger(url)
    return url


def engine_of(url: str):
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)


def write(url: str, count: int, name: str = "tiny") -> None:
    for number in range(count):
        with open_ledger(url) as ledger, ledger.locked() as book:
            book.append("check", name, {"n": number})


def failed(url: str) -> set[str]:
    with open_ledger(url) as ledger:
        return {row.check for row in check_ledger(ledger, None) if row.status is Status.FAILED}


def tamper(url: str, *statements: str) -> None:
    """Does what its owner can do: takes the triggers away, and writes."""
    engine = engine_of(url)
    with engine.begin() as connection:
        for statement in (*TRIGGERS[engine.dialect.name], *statements):
            connection.exec_driver_sql(statement)


def test_what_is_written_is_read(ledger: str) -> None:
    write(ledger, 3)
    assert failed(ledger) == set()
    with open_ledger(ledger) as opened:
        assert [(e.number, e.kind, e.body) for e in opened.entries()] == [
            (n + 1, "check", {"n": n}) for n in range(3)
        ]


def test_processes_that_write_at_once_wait_for_each_other(ledger: str) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write, args=(ledger, EACH, f"m{i}")) for i in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert failed(ledger) == set()
    with open_ledger(ledger) as opened:
        assert len(opened.entries()) == WRITERS * EACH


KILLED = """
import sys, time
from verifier.ledger.ledger import open_ledger
with open_ledger(sys.argv[1]) as ledger, ledger.locked() as book:
    book.append("check", "tiny", {"n": 1})
    print("written", flush=True)
    time.sleep(60)
"""


def test_one_that_is_killed_in_the_middle_writes_nothing(ledger: str) -> None:
    write(ledger, 1)
    process = subprocess.Popen([sys.executable, "-c", KILLED, ledger], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "written\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    began = time.monotonic()
    write(ledger, 1)
    assert time.monotonic() - began < 30
    assert failed(ledger) == set()
    with open_ledger(ledger) as opened:
        assert [entry.body for entry in opened.entries()] == [{"n": 0}, {"n": 0}]


def test_error_in_the_middle_writes_nothing(ledger: str) -> None:
    with pytest.raises(ZeroDivisionError), open_ledger(ledger) as opened, opened.locked() as book:
        book.append("check", "tiny", {"n": 1 // 0})
    with pytest.raises(ZeroDivisionError), open_ledger(ledger) as opened, opened.locked() as book:
        book.append("check", "tiny", {})
        raise ZeroDivisionError
    with open_ledger(ledger) as opened:
        assert opened.entries() == []


@pytest.mark.parametrize(
    "statement",
    ["UPDATE samebits_entries SET subject = 'other'", "DELETE FROM samebits_entries WHERE number = 3"],
)
def test_database_refuses_to_change_an_entry(statement: str, ledger: str) -> None:
    write(ledger, 3)
    with pytest.raises(DBAPIError, match="append-only"), engine_of(ledger).begin() as connection:
        connection.exec_driver_sql(statement)
    assert failed(ledger) == set()


@pytest.mark.parametrize(
    ("statement", "checks"),
    [
        ("UPDATE samebits_entries SET body = '{\"n\":7}' WHERE number = 2", {"chain"}),
        ("UPDATE samebits_entries SET time = '2020-01-01T00:00:00Z' WHERE number = 2", {"chain", "times"}),
        ("UPDATE samebits_entries SET body = '{' WHERE number = 2", {"chain", "head"}),
        ("DELETE FROM samebits_entries WHERE number = 2", {"chain", "head"}),
        ("DELETE FROM samebits_entries WHERE number = 4", {"head"}),
        ("DELETE FROM samebits_head", {"head"}),
        ("UPDATE samebits_head SET count = 3", {"head"}),
        ("UPDATE samebits_entries SET kind = 'wish' WHERE number = 4", {"chain"}),
    ],
)
def test_change_of_the_database_is_seen(statement: str, checks: set[str], ledger: str) -> None:
    write(ledger, 4)
    tamper(ledger, statement)
    assert failed(ledger) == checks


def test_reordering_is_seen(ledger: str) -> None:
    write(ledger, 4)
    steps = [(2, 9), (3, 2), (9, 3)]
    tamper(ledger, *(f"UPDATE samebits_entries SET number = {b} WHERE number = {a}" for a, b in steps))
    assert failed(ledger) == {"chain"}


def test_tail_that_is_cut_off_with_its_head_is_seen_by_a_checkpoint(
    ledger: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever owns the database can make it look whole; a checkpoint that somebody else keeps says otherwise."""
    key, public, kept = tmp_path / "key.pem", tmp_path / "key.pub", tmp_path / "checkpoint"
    subprocess.run(
        ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key], check=True
    )
    subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True)
    write(ledger, 4)
    assert main(["audit", "checkpoint", "--ledger", ledger, "--key", str(key), "-o", str(kept)]) == 0
    held = ["--checkpoint", str(kept), "--key", str(public)]
    write(ledger, 1)
    assert main(["audit", "check", "--ledger", ledger, *held]) == 0
    tail = "DELETE FROM samebits_entries WHERE number > 3"
    head = (
        "UPDATE samebits_head SET count = 3, sha256 = (SELECT sha256 FROM samebits_entries WHERE number = 3)"
    )
    tamper(ledger, tail, head)
    assert main(["audit", "check", "--ledger", ledger]) == 0
    assert main(["audit", "check", "--ledger", ledger, *held]) == 1
    write(ledger, 3)  # written anew, as long as before
    assert main(["audit", "check", "--ledger", ledger, *held]) == 1
    assert "entry 4 was another one then" in capsys.readouterr().out


def test_changed_ledger_is_not_written_to(ledger: str) -> None:
    write(ledger, 2)
    tamper(ledger, "UPDATE samebits_entries SET body = '{\"n\":7}' WHERE number = 2")
    assert main(["audit", "log", "--ledger", ledger]) == 3
    with open_ledger(ledger) as opened, opened.reading():
        pass


def test_ledger_is_begun_once(ledger: str) -> None:
    assert main(["audit", "begin", "--ledger", ledger]) == 2
