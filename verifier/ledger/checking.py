"""Whether a ledger is what was written: every entry, their order, their number, and a checkpoint that was signed.

1. Every entry has the digest that it was given, and the next has it too; numbers begin at 1 and have no gap.
2. Time does not go back.
3. The head counts the last entry: a tail that was cut off shows, where the head was left alone.
4. A checkpoint that somebody else keeps is a part of it: whoever writes the whole ledger anew is found out.
"""

from collections.abc import Sequence

from sqlalchemy import select

from verifier.errors import CouldNotCheck
from verifier.ledger.chain import Head, backwards, broken, miscounted
from verifier.ledger.checkpoints import Checkpoint
from verifier.ledger.entries import BEGINNING, Entry
from verifier.ledger.ledger import Ledger, entry_of, head_of
from verifier.ledger.tables import ENTRIES
from verifier.verdict import Row, Status

MOST_FAULTS = 10


def check_ledger(ledger: Ledger, checkpoint: Checkpoint | None) -> list[Row]:
    """Returns the rows; that of the checkpoint is *not checked* where there is none.

    Raises:
        CouldNotCheck: the database cannot be read.
    """
    with ledger.reading() as connection:
        found = connection.execute(select(ENTRIES).order_by(ENTRIES.c.number)).mappings().all()
        try:
            head: Head | None = head_of(connection)
        except CouldNotCheck:
            head = None
    entries = [entry_of(row) for row in found]
    whole = [entry for entry in entries if entry is not None]
    faults = [f"entry {row['number']} is no JSON" for row, e in zip(found, entries, strict=True) if e is None]
    count = f"{len(entries)} entries"
    return [
        _row("chain", count, [*faults, *broken(whole)], "each has the digest of the one before"),
        _row("times", count, list(backwards(whole)), "none goes back"),
        _row("head", count, list(miscounted(whole, head)), "it counts the last entry"),
        _checkpoint_row(whole, checkpoint),
    ]


def _row(check: str, subject: str, faults: Sequence[str], good: str) -> Row:
    return Row(
        check=check,
        subject=subject,
        status=Status.FAILED if faults else Status.PASSED,
        detail=faults[0] if faults else good,
        differences=tuple(faults[:MOST_FAULTS]),
    )


def _checkpoint_row(entries: Sequence[Entry], checkpoint: Checkpoint | None) -> Row:
    if checkpoint is None:
        why = "none was named: --checkpoint FILE --key PUB holds against one that somebody else keeps"
        return Row(check="checkpoint", subject="", status=Status.NOT_CHECKED, detail=why)
    subject = f"of {checkpoint.count} entries"
    if checkpoint.count > len(entries):
        fault = [f"it counts {checkpoint.count} entries, and there are {len(entries)}"]
    else:
        there = entries[checkpoint.count - 1].sha256 if checkpoint.count else BEGINNING
        fault = [] if there == checkpoint.sha256 else [f"entry {checkpoint.count} was another one then"]
    return _row("checkpoint", subject, fault, f"the first {checkpoint.count} entries are those of then")
