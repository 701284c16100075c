"""What a ledger in PostgreSQL meets that a file does not: encodings, locks, a disk and a server that are gone."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import select, text

from tests.gate.running import said_by
from tests.integration.ledgers import intact, write
from tests.integration.postgresql import Server
from verifier.errors import BadInput, CouldNotCheck
from verifier.ledger.database import begin_ledger, connected
from verifier.ledger.entries import CHECK
from verifier.ledger.ledger import head_of, open_ledger
from verifier.ledger.tables import ENTRIES, lock

UNUSABLE = "the ledger cannot be used"


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


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "UTF8"])
def test_text_comes_back_as_it_was_written_whatever_the_encoding(encoding: str, running: Server) -> None:
    name = running.new_database(f"ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    begin_ledger(running.url(name))
    write(running.url(name), {"why": "Grüße"})
    assert intact(running.url(name)) == 1
    if encoding == "LATIN1":
        with pytest.raises(CouldNotCheck, match="no equivalent"):
            write(running.url(name), {"why": "理由"})
        assert intact(running.url(name)) == 1


def test_writer_that_waits_too_long_gives_up(ledger: str) -> None:
    impatient = f"{ledger}&options={quote('-c lock_timeout=300ms')}"
    with open_ledger(ledger) as held, held.locked(), pytest.raises(CouldNotCheck, match="lock timeout"):
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
    with pytest.raises(CouldNotCheck, match=UNUSABLE), open_ledger(ledger) as opened, opened.locked() as book:
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
    with pytest.raises(CouldNotCheck, match=UNUSABLE), open_ledger(ledger) as opened, opened.locked() as book:
        book.append(CHECK, "tiny", {})
        running.sql(f"{ending} AND pid <> pg_backend_pid()")
        book.append(CHECK, "tiny", {})
    assert intact(ledger) == 0


def test_ledger_without_its_head_is_not_written_to(running: Server, database: str, ledger: str) -> None:
    running.sql("DROP TABLE samebits_head", database=database)
    with pytest.raises(CouldNotCheck, match="samebits_head"):
        write(ledger)
    assert said_by("audit", "check", "--ledger", ledger).code == 3


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
