"""What a ledger holds, as tables."""

from collections.abc import Sequence

from verifier.ledger.deployed import Deployed
from verifier.ledger.entries import Entry
from verifier.report.tables import table
from verifier.verdict import Row, Status

MARKS = {Status.PASSED: "ok", Status.FAILED: "FAILED", Status.NOT_CHECKED: "not checked"}


def log_text(entries: Sequence[Entry]) -> str:
    """Returns a line for each entry, and what it came to."""
    rows = [(str(e.number), e.time, e.kind, e.subject, _what(e)) for e in entries]
    return table(("entry", "time", "kind", "model", "what"), rows)


def _what(entry: Entry) -> str:
    body = entry.body
    reasons, channel = body.get("reasons"), body.get("channel")
    named = body.get("identifier") or body.get("version") or body.get("id")
    parts = [str(named) if named else f"list {body['number']}" if "number" in body else ""]
    if entry.kind == "approval":
        parts.append(f"by {body.get('party')}")
    if channel:
        parts.append(f"to {channel}")
    if isinstance(reasons, list) and reasons:
        parts[-1] += f": {', '.join(map(str, reasons))}"
    if "verified" in body:
        parts.append("verified" if body["verified"] is True else "not verified")
    return " ".join(part for part in parts if part)


def checked_text(rows: Sequence[Row], name: str) -> str:
    """Returns the rows of a check, what is wrong, and what it came to."""
    lines = [(row.check, row.subject, f"{MARKS[row.status]}: {row.detail}") for row in rows]
    parts = [table(("check", "subject", "result"), lines)]
    more = [line for row in rows for line in row.differences[1:]]
    parts += ["\n".join(more)] if more else []
    failed = [row.check for row in rows if row.status is Status.FAILED]
    parts.append(f"CHANGED  {name}: {', '.join(failed)}" if failed else f"intact  {name}")
    return "\n\n".join(parts)


def deployed_text(found: Sequence[Deployed], word: str) -> str:
    """Returns a line for each bundle that is deployed with a source."""
    rows = [(one.model, one.channel, one.identifier, one.since, ", ".join(one.sources)) for one in found]
    if not rows:
        return f"nothing that is deployed contains {word}"
    return table(("model", "channel", "bundle", "since", "sources"), rows)
