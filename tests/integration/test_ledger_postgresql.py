"""What a ledger in PostgreSQL meets that a file does not: roles, encodings, locks, and a server that goes away."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import select, text

from tests.gate.running import said_by, verify
from tests.gate.scene import Gate, make_gate
from tests.integration.postgresql import Server, server
from verifier.errors import BadInput, CouldNotCheck
from verifier.ledger.checking import check_ledger
from verifier.ledger.database import begin_ledger, connected
from verifier.ledger.entries import ADMISSION, CHECK
from verifier.ledger.ledger import head_of, open_ledger
from verifier.ledger.tables import ENTRIES, lock
from verifier.verdict import Status

NUMBERS = count()
ROLES = (
    "CREATE ROLE writer LOGIN",
    "GRANT SELECT, INSERT ON samebits_entries TO writer",
    "GRANT SELECT, UPDATE ON samebits_head TO writer",
    "CREATE ROLE reader LOGIN",
    "GRANT SELECT ON samebits_entries, samebits_head TO reader",
)


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with server() as found:
        yield found


@pytest.fixture
def database(running: Server) -> str:
    """The name of an empty database."""
    name = f"d{next(NUMBERS)}"
    running.sql(f"CREATE DATABASE {name}")
    return name


@pytest.fixture
def ledger(running: Server, database: str) -> str:
    """The URL of an empty ledger."""
    begin_ledger(running.url(database))
    return running.url(database)


def write(url: str, body: dict | None = None) -> None:
    with open_ledger(url) as ledger, ledger.locked() as book:
        book.append(CHECK, "tiny", body or {})


def intact(url: str) -> int:
    """How many entries there are, in a ledger in which all is in order."""
    with open_ledger(url) as ledger:
        rows = check_ledger(ledger, None)
        assert not [row for row in rows if row.status is Status.FAILED]
        return len(ledger.entries())


def test_ledger_that_is_begun_twice_at_once_is_begun_once(running: Server, database: str) -> None:
    def begin(_: int) -> type[Exception] | None:
        try:
            begin_ledger(running.url(database))
        except BadInput as error:
            return type(error)
        return None

    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(begin, range(4)))
    assert sorted(map(str, ends)) == sorted(map(str, [None, BadInput, BadInput, BadInput]))
    assert intact(running.url(database)) == 0


def test_database_without_a_ledger_is_bad_input(running: Server, database: str) -> None:
    said = said_by("audit", "check", "--ledger", running.url(database))
    assert said.code == 2
    assert "there is no ledger in postgresql://" in said.err


def test_truncate_is_refused(running: Server, database: str, ledger: str) -> None:
    write(ledger)
    with pytest.raises(AssertionError, match="append-only"):
        running.sql("TRUNCATE samebits_entries", database=database)
    assert intact(ledger) == 1


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
        with connected(as_writer) as engine, pytest.raises(Exception, match="denied|must be owner"):
            with engine.begin() as connection:
                connection.exec_driver_sql(statement)
        assert intact(as_writer) == 1


def test_role_that_may_only_read_checks_and_cannot_write(running: Server, database: str, ledger: str) -> None:
    write(ledger)
    with roles(running, database):
        as_reader = running.url(database, role="reader")
        assert intact(as_reader) == 1
        with pytest.raises(CouldNotCheck, match="permission denied"):
            write(as_reader)


@contextmanager
def roles(running: Server, database: str) -> Iterator[None]:
    running.sql(*ROLES, database=database)
    try:
        yield
    finally:
        running.sql("DROP OWNED BY writer, reader", "DROP ROLE writer, reader", database=database)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "UTF8"])
def test_text_comes_back_as_it_was_written_whatever_the_encoding(encoding: str, running: Server) -> None:
    name = f"d{next(NUMBERS)}"
    of = f"ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    running.sql(f"CREATE DATABASE {name} {of}")
    begin_ledger(running.url(name))
    write(running.url(name), {"why": "Grüße"})
    assert intact(running.url(name)) == 1
    if encoding == "LATIN1":
        with pytest.raises(CouldNotCheck, match="no equivalent"):
            write(running.url(name), {"why": "理由"})
        assert intact(running.url(name)) == 1


def test_writer_that_waits_too_long_gives_up(ledger: str) -> None:
    impatient = f"{ledger}&options={quote('-c lock_timeout=300ms')}"
    with open_ledger(ledger) as held, held.locked():
        with pytest.raises(CouldNotCheck, match="lock timeout"):
            write(impatient)
    write(impatient)
    assert intact(ledger) == 1


def test_nobody_waits_for_ever(ledger: str) -> None:
    with connected(ledger) as engine, engine.begin() as connection:
        lock(connection)
        assert connection.execute(text("SHOW lock_timeout")).scalar() == "1min"


def test_reader_sees_one_state_while_others_write(ledger: str) -> None:
    write(ledger)
    with open_ledger(ledger) as opened, opened.reading() as connection:
        before = connection.execute(select(ENTRIES)).all()
        write(ledger)
        assert head_of(connection).count == len(before) == 1
    assert intact(ledger) == 2


def test_server_that_falls_over_in_the_middle_leaves_nothing_written(running: Server, ledger: str) -> None:
    write(ledger)
    with pytest.raises(CouldNotCheck, match="the ledger cannot be used"):
        with open_ledger(ledger) as opened, opened.locked() as book:
            book.append(CHECK, "tiny", {})
            running.stop()
    try:
        said = said_by("audit", "check", "--ledger", ledger)
        assert said.code == 3
        assert "Is the server up?" in said.err
    finally:
        running.start()
    assert intact(ledger) == 1


def test_connection_that_is_ended_in_the_middle_leaves_nothing_written(running: Server, ledger: str) -> None:
    ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%samebits_head%'"
    with pytest.raises(CouldNotCheck, match="the ledger cannot be used"):
        with open_ledger(ledger) as opened, opened.locked() as book:
            book.append(CHECK, "tiny", {})
            running.sql(f"{ending} AND pid <> pg_backend_pid()")
            book.append(CHECK, "tiny", {})
    assert intact(ledger) == 0


def test_ledger_without_its_head_is_not_written_to(running: Server, database: str, ledger: str) -> None:
    running.sql("DROP TABLE samebits_head", database=database)
    with pytest.raises(CouldNotCheck, match="samebits_head"):
        write(ledger)
    assert said_by("audit", "check", "--ledger", ledger).code == 3


@pytest.mark.parametrize(
    ("place", "code"), [("/nowhere", 3), ("{folder}", 3), ("{folder}&user=samebits&sslpassword=hush", 2)]
)
def test_password_is_never_shown(place: str, code: int, running: Server, database: str) -> None:
    where = place.format(folder=running.folder)
    said = said_by("audit", "check", "--ledger", f"postgresql://me:hush@/{database}?password=hush&host={where}")
    assert said.code == code
    assert "hush" not in said.out + said.err


def test_full_disk_leaves_nothing_half_written(running: Server, database: str) -> None:
    with small_disk(running.folder / "small") as grow:
        running.sql(f"CREATE TABLESPACE small LOCATION '{running.folder}/small'")
        url = f"{running.url(database)}&options={quote('-c default_tablespace=small')}"
        begin_ledger(url)
        written = 0
        with pytest.raises(CouldNotCheck, match="No space left on device"):
            while written < 100:
                write(url, {"noise": secrets.token_hex(50_000)})
                written += 1
        assert intact(url) == written
        grow()
        write(url, {"noise": secrets.token_hex(50_000)})
        assert intact(url) == written + 1
        running.sql("DROP TABLE samebits_entries, samebits_head", "DROP TABLESPACE small", database=database)


@contextmanager
def small_disk(folder: Path) -> Iterator:
    """A disk of one megabyte; yields what makes it larger."""
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        os.chown(folder, folder.parent.stat().st_uid, folder.parent.stat().st_gid)
        yield lambda: subprocess.run(["mount", "-o", "remount,size=16m", folder], check=True)
    finally:
        subprocess.run(["umount", folder], check=True)


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
