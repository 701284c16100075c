"""The database of a ledger: SQLite in a file, or PostgreSQL by URL; its errors as sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from verifier.errors import BadInput, CouldNotCheck
from verifier.ledger.entries import BEGINNING
from verifier.ledger.tables import ENTRIES, HEAD, WAIT_SECONDS, lock, make_tables

BEGIN = "Begin one: verifier audit begin --ledger URL"
NAME = "Name a file for SQLite, or a URL such as postgresql://user@host/database."
DRIVER = "Install it: pip install 'samebits[postgresql]'"
SECRETS = {"password", "sslpassword"}
CONNECT_SECONDS = 10
SQLITE, POSTGRESQL = "sqlite", "postgresql"


@contextmanager
def connected(url: str) -> Iterator[Engine]:
    """Yields the database of a ledger that was begun.

    Raises:
        BadInput: there is none, or the URL is of another kind of database.
        CouldNotCheck: it cannot be reached.
    """
    place = _place(url)
    if place is not None and not place.is_file():
        raise BadInput(f"there is no ledger in {place}", advice=BEGIN)
    with _engine(url, place) as engine:
        with translated():
            known = inspect(engine).has_table(ENTRIES.name)
        if not known:
            raise BadInput(f"there is no ledger in {place or shown(url)}", advice=BEGIN)
        yield engine


def begin_ledger(url: str) -> None:
    """Makes an empty ledger.

    Raises:
        BadInput: there is one already, or something else.
        CouldNotCheck: the database cannot be reached or written.
    """
    place = _place(url)
    if place is not None:
        try:
            place.touch(mode=0o600, exist_ok=False)
        except FileExistsError as error:
            raise BadInput(f"{place} is there already", advice="Name a new file.") from error
        except OSError as error:
            raise CouldNotCheck(f"{place} cannot be written: {error.strerror}", advice=NAME) from error
    try:
        with _engine(url, place) as engine, translated(), writing(engine) as connection:
            if inspect(connection).has_table(ENTRIES.name):
                what = f"there is a ledger in {shown(url)} already"
                raise BadInput(what, advice="Use it, or name another.")
            make_tables(connection)
            connection.execute(insert(HEAD).values(id=1, count=0, sha256=BEGINNING))
    except BaseException:
        if place is not None:
            place.unlink(missing_ok=True)  # it was made here, and is no ledger
        raise


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Yields a transaction that writes, to one process at a time."""
    with engine.execution_options(samebits_writes=True).begin() as connection:
        lock(connection)
        yield connection


@contextmanager
def translated() -> Iterator[None]:
    """Turns what the database says into a sentence."""
    try:
        yield
    except SQLAlchemyError as error:
        said = " ".join(str(getattr(error, "orig", None) or error).split())[:300]
        advice = "Is there room, and may you write there? Is the server up? See docs/reference/ledger.md."
        raise CouldNotCheck(f"the ledger cannot be used: {said}", advice=advice) from error


def shown(url: str) -> str:
    """Returns a URL without its passwords, which may be in its query too."""
    parsed = make_url(url)
    return parsed.difference_update_query(SECRETS & parsed.query.keys()).render_as_string(hide_password=True)


def _place(url: str) -> Path | None:
    """Returns the file of a ledger in SQLite; None where it is elsewhere."""
    if not url or "\0" in url:
        raise BadInput("the ledger has no name that a file can have", advice=NAME)
    if "://" not in url:
        return Path(url).absolute()
    parsed = _parsed(url)
    if parsed.get_backend_name() != SQLITE:
        return None
    if not parsed.database or parsed.database == ":memory:":
        raise BadInput(f"{url} names no file", advice=NAME)
    return Path(parsed.database).absolute()


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadInput("the URL of the ledger cannot be read", advice=NAME) from error
    if parsed.get_backend_name() not in (SQLITE, POSTGRESQL):
        raise BadInput(f"a ledger cannot lie in {parsed.get_backend_name()}", advice=NAME)
    return parsed


@contextmanager
def _engine(url: str, place: Path | None) -> Iterator[Engine]:
    try:
        engine = _sqlite(place) if place is not None else _postgresql(url)
    except ImportError as error:
        raise CouldNotCheck("the driver of PostgreSQL is not installed", advice=DRIVER) from error
    try:
        yield engine
    finally:
        engine.dispose()


def _postgresql(url: str) -> Engine:
    named = _parsed(url).set(drivername="postgresql+psycopg")
    named = named.update_query_dict({"connect_timeout": str(CONNECT_SECONDS), **named.query})
    # Text is UTF-8 whatever the database keeps: one of SQL_ASCII would give bytes.
    named = named.update_query_dict({"client_encoding": "utf8"})
    # Whoever has waited for the lock has to see what was written meanwhile.
    return create_engine(named, isolation_level="READ COMMITTED")


def _sqlite(place: Path) -> Engine:
    """Returns a database in a file that is there: one that is not is never made by opening it."""
    name = URL.create(SQLITE, database=f"file:{quote(str(place))}", query={"mode": "rw", "uri": "true"})
    engine = create_engine(name, connect_args={"timeout": WAIT_SECONDS})
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None  # else sqlite3 begins transactions when it sees fit
    connection.execute("PRAGMA synchronous = FULL")


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("samebits_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
