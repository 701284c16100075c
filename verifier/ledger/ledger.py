"""Opens a ledger and writes to it: one transaction at a time, and nothing of one that does not end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import Connection, Engine, RowMapping, func, insert, select, update

from verifier.canonical import canonical
from verifier.clock import SKEW, now, parse_time, rfc3339
from verifier.errors import CouldNotCheck
from verifier.ledger.chain import Head, broken, miscounted
from verifier.ledger.database import POSTGRESQL, connected, translated, writing
from verifier.ledger.entries import ADMISSION, REVOCATIONS, Entry, Json, make_entry, parse_body
from verifier.ledger.tables import ENTRIES, HEAD
from verifier.release.versions import VERSION
from verifier.signing.oms import is_sha256
from verifier.signing.revocations import SeenList

MOST_ENTRIES = (1 << 31) - 1
AUDIT = "Find out what was changed: verifier audit check --ledger URL"


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """What a channel of a model was given last: its version, and the digest (hex) of all files."""

    version: str
    root: str


class Book:
    """The ledger while it is locked: what is appended counts once the lock is given back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, kind: str, subject: str, body: Json) -> Entry:
        """Appends an entry and returns it.

        Raises:
            CouldNotCheck: this machine's clock is behind the last entry, or the ledger was changed.
        """
        head = head_of(self._connection)
        time = now()
        if head.count:
            last = next(self.newest_first(ENTRIES.c.number == head.count), None)
            if last is None or last.sha256 != head.sha256:
                raise CouldNotCheck("the ledger's last entry is not the one that it counts", advice=AUDIT)
            before = _time_of(last)
            if time < before - SKEW:
                what = f"this machine's clock says {rfc3339(time)}, and the ledger's last entry {last.time}"
                raise CouldNotCheck(what, advice="Set the clock: a ledger does not go back.")
            time = max(time, before)
        number = head.count + 1
        entry = make_entry(
            number=number, time=rfc3339(time), kind=kind, subject=subject, body=body, previous=head.sha256
        )
        text = canonical(entry.body).decode("utf-8")
        self._connection.execute(insert(ENTRIES).values({**entry.document, "body": text}))
        self._connection.execute(update(HEAD).values(count=number, sha256=entry.sha256))
        return entry

    def last_admitted(self, model: str, channel: str) -> Admitted | None:
        """Returns what the channel of a model was given last.

        Raises:
            CouldNotCheck: the ledger was changed.
        """
        for entry in self.newest_first(ENTRIES.c.kind == ADMISSION, ENTRIES.c.subject == model):
            if entry.body.get("channel") == channel:
                version, root = entry.body.get("version"), entry.body.get("root_sha256")
                if not isinstance(version, str) or not VERSION.fullmatch(version) or not is_sha256(root):
                    raise CouldNotCheck(f"entry {entry.number} of the ledger is no admission", advice=AUDIT)
                return Admitted(version=version, root=str(root))
        return None

    def newest_list(self) -> SeenList | None:
        """Returns the list of revocations with the greatest number that was seen."""
        bodies = [entry.body for entry in self.newest_first(ENTRIES.c.kind == REVOCATIONS)]
        seen = [
            SeenList(number=number, sha256=str(body.get("sha256")))
            for body in bodies
            if isinstance(number := body.get("number"), int)
        ]
        return max(seen, key=lambda one: one.number, default=None)

    def newest_first(self, *conditions: object) -> Iterator[Entry]:
        """Yields entries, the newest first.

        Raises:
            CouldNotCheck: one is not what it was hashed as.
        """
        query = select(ENTRIES).where(*conditions).order_by(ENTRIES.c.number.desc())  # type: ignore[arg-type]
        for row in self._connection.execute(query).mappings():
            entry = entry_of(row)
            if entry is None or not entry.intact:
                raise CouldNotCheck(f"entry {row['number']} of the ledger was changed", advice=AUDIT)
            yield entry


def _time_of(entry: Entry) -> datetime:
    try:
        return parse_time(entry.time)
    except ValueError as error:
        raise CouldNotCheck(f"entry {entry.number} of the ledger has no time", advice=AUDIT) from error


def _refuse_gap(connection: Connection) -> None:
    """An entry that is missing may be the very one that is asked for."""
    count = connection.execute(select(func.count()).select_from(ENTRIES)).scalar_one()
    head = head_of(connection)
    if count != head.count:
        what = f"the ledger counts {head.count} entries, and there are {count}"
        raise CouldNotCheck(what, advice=AUDIT)


def head_of(connection: Connection) -> Head:
    """Returns what the ledger says of itself.

    Raises:
        CouldNotCheck: it says nothing.
    """
    row = connection.execute(select(HEAD)).mappings().one_or_none()
    # SQLite keeps text in a column of numbers, and larger numbers than the next can be.
    if row is None or type(row["count"]) is not int or not 0 <= row["count"] < MOST_ENTRIES:
        raise CouldNotCheck("the ledger has lost its head", advice=AUDIT)
    return Head(count=row["count"], sha256=row["sha256"])


def entry_of(row: RowMapping | Mapping[str, object]) -> Entry | None:
    """Returns an entry as it lies in the database; None where its body is no JSON."""
    try:
        body = parse_body(str(row["body"]))
    except ValueError:
        return None
    texts = {name: str(row[name]) for name in ("time", "kind", "subject", "previous", "sha256")}
    return Entry(number=int(str(row["number"])), body=body, **texts)


class Ledger:
    """A ledger that is open."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def locked(self) -> Iterator[Book]:
        """Yields the book, to one process at a time; what raises leaves nothing written.

        Raises:
            CouldNotCheck: the database cannot be written, or an entry is missing.
        """
        with translated(), writing(self._engine) as connection:
            _refuse_gap(connection)
            yield Book(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yields a connection that sees one state of the ledger.

        Raises:
            CouldNotCheck: the database cannot be read.
        """
        engine = self._engine
        if engine.dialect.name == POSTGRESQL:
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with translated(), engine.begin() as connection:
            yield connection

    def entries(self) -> list[Entry]:
        """Returns all entries, the oldest first: an answer from a part of them would be a wrong one.

        Raises:
            CouldNotCheck: the database cannot be read, or was changed.
        """
        with self.reading() as connection:
            found = list(Book(connection).newest_first())[::-1]
            head = head_of(connection)
        fault = next(chain(broken(found), miscounted(found, head)), None)
        if fault is not None:
            raise CouldNotCheck(f"the ledger was changed: {fault}", advice=AUDIT)
        return found


@contextmanager
def open_ledger(url: str) -> Iterator[Ledger]:
    """Opens a ledger that was begun: a file for SQLite, or the URL of a PostgreSQL database.

    Raises:
        BadInput: there is none.
        CouldNotCheck: the database cannot be reached.
    """
    with connected(url) as engine:
        yield Ledger(engine)
