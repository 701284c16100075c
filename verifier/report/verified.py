"""What `verifier verify` found, as text and as JSON (schema: verifier/schemas/verification.schema.json)."""

from collections.abc import Sequence

from verifier.report.printable import printable
from verifier.report.tables import table
from verifier.signing.signers import Pin
from verifier.signing.verify import Verification
from verifier.verdict import Row, Status


def verification_text(found: Verification) -> str:
    """Returns the whole report, without colour."""
    title = printable(found.identifier or found.path)
    rows = [(row.check, row.subject, _result(row)) for row in found.rows]
    parts = [title, table(("check", "subject", "result"), rows)]
    failed = [row for row in found.rows if row.status is not Status.PASSED]
    advice = list(dict.fromkeys(line for row in failed for line in row.differences))
    if advice:
        parts.append("\n".join(printable(line) for line in advice))
    if found.verified:
        parts.append(f"verified  {title}: signed by {printable(', '.join(found.signers))}")
    else:
        reasons = ", ".join(dict.fromkeys(str(row.reason) for row in failed))
        parts.append(f"NOT VERIFIED  {title}: {reasons}")
    return "\n\n".join(parts)


def _result(row: Row) -> str:
    return f"ok: {row.detail}" if row.status is Status.PASSED else f"REFUSED: {row.reason}: {row.detail}"


def verification_document(found: Verification, pins: Sequence[Pin], root: str | None) -> dict[str, object]:
    """Returns what `verifier verify --json` writes; `root` is the sha256 of the trusted root."""
    rows = [
        {
            "check": row.check,
            "subject": row.subject,
            "status": str(row.status),
            "reason": row.reason,
            "excepted": row.excepted,
            "detail": row.detail,
            "advice": row.differences[0] if row.differences else None,
        }
        for row in found.rows
    ]
    return {
        "schema": "samebits/verification/v2",
        "path": found.path,
        "bundle": found.identifier,
        "verified": found.verified,
        "signers": list(found.signers),
        "may_sign": [pin.identifier for pin in pins],
        "trusted_root_sha256": root,
        "decision": None,
        "rows": rows,
    }
