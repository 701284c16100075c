"""How commands write to a ledger: the argument that names it, and what each of them writes."""

import argparse
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.ledger.entries import Json

if TYPE_CHECKING:
    from verifier.ledger.ledger import Book

VARIABLE = "SAMEBITS_LEDGER"
SQLITE_FILE = re.compile(r"sqlite(?:\+\w+)?:///([^?]+).*", re.DOTALL)


def add_ledger_argument(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Adds the argument that names the ledger."""
    parser.add_argument(
        "--ledger",
        metavar="URL",
        default=os.environ.get(VARIABLE),
        help=f"the ledger: a file, or postgresql://… (default: ${VARIABLE})",
    )


def ledger_files(url: str | None) -> tuple[Path, ...]:
    """Returns the file of a ledger in SQLite, over which no result may be written; none where it is elsewhere."""
    if not url:
        return ()
    named = SQLITE_FILE.fullmatch(url)
    if named is None and "://" in url:
        return ()
    return (Path(named[1] if named else url),)


def refuse_ledger(url: str | None) -> None:
    """Returns if the ledger is there; it would be a pity to learn that after an hour of building.

    Raises:
        BadInput: there is no such ledger.
        CouldNotCheck: it cannot be reached.
    """
    if url is not None:
        from verifier.ledger.ledger import open_ledger  # noqa: PLC0415 (slow to load, and for a ledger alone)

        with open_ledger(url):
            pass


@contextmanager
def locked(url: str) -> "Iterator[Book]":
    """Yields the book of the ledger, to one process at a time.

    Raises:
        BadInput: there is no such ledger.
        CouldNotCheck: it cannot be written.
    """
    from verifier.ledger.ledger import open_ledger  # noqa: PLC0415 (slow to load, and for a ledger alone)

    with open_ledger(url) as ledger, ledger.locked() as book:
        yield book


def append_all(url: str | None, entries: Sequence[tuple[str, str, Json]]) -> None:
    """Appends entries, each a kind, a subject and a body, all or none; nothing where there is no ledger.

    Raises:
        BadInput: there is no such ledger.
        CouldNotCheck: it cannot be written.
    """
    if url is None or not entries:
        return
    with locked(url) as book:
        for kind, subject, body in entries:
            book.append(kind, subject, body)
