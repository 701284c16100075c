"""The tables of the ledger, and what keeps them append-only, in SQLite and in PostgreSQL.

Triggers stop a slip, not whoever owns the database: the chain finds that one out, and a signed checkpoint.
"""

from sqlalchemy import CheckConstraint, Column, Connection, Integer, MetaData, Table, Text, text

METADATA = MetaData()
ENTRIES = Table(
    "samebits_entries",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("time", Text, nullable=False),
    Column("kind", Text, nullable=False, index=True),
    Column("subject", Text, nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("previous", Text, nullable=False, unique=True),
    Column("sha256", Text, nullable=False, unique=True),
)
# How many entries there are, and the digest of the last: a tail that was cut off shows.
HEAD = Table(
    "samebits_head",
    METADATA,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
)
SQLITE = (
    *(
        f"""CREATE TRIGGER samebits_no_{what} BEFORE {what} ON samebits_entries
            BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"""
        for what in ("UPDATE", "DELETE")
    ),
    # INSERT OR REPLACE deletes without asking the trigger for that.
    """CREATE TRIGGER "samebits_no_REPLACE" BEFORE INSERT ON samebits_entries
       WHEN EXISTS (SELECT 1 FROM samebits_entries AS there WHERE there.number = NEW.number
                    OR there.previous = NEW.previous OR there.sha256 = NEW.sha256)
       BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION samebits_append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$""",
    """CREATE TRIGGER samebits_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON samebits_entries
       FOR EACH STATEMENT EXECUTE FUNCTION samebits_append_only()""",
)
# Any number that others do not take: "samebits" in ASCII, cut to 63 bits.
ADVISORY_LOCK = int.from_bytes(b"samebits", "big") >> 1
WAIT_SECONDS = 60
PATIENCE = "SELECT set_config('lock_timeout', :wait, true) WHERE current_setting('lock_timeout') = '0'"


def make_tables(connection: Connection) -> None:
    """Makes the tables and their triggers, in the transaction of the connection."""
    METADATA.create_all(connection, checkfirst=False)
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.execute(text(statement))


def lock(connection: Connection) -> None:
    """Waits until this transaction is the only one that writes; in SQLite its beginning has done so.

    Nobody waits for ever, unless the role or the URL says how long.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(PATIENCE), {"wait": f"{WAIT_SECONDS}s"})
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
