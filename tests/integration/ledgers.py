"""A ledger in tests: an entry is written to it, and all is in order in it."""

from verifier.ledger.checking import check_ledger
from verifier.ledger.entries import CHECK
from verifier.ledger.ledger import open_ledger
from verifier.verdict import Status


def write(url: str, body: dict | None = None) -> None:
    """Writes one entry."""
    with open_ledger(url) as ledger, ledger.locked() as book:
        book.append(CHECK, "tiny", body or {})


def intact(url: str) -> int:
    """How many entries there are, in a ledger in which all is in order."""
    with open_ledger(url) as ledger:
        rows = check_ledger(ledger, None)
        assert not [row for row in rows if row.status is Status.FAILED]
        return len(ledger.entries())
