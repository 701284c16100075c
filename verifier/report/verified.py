"""What `verifier verify` found, as text and as JSON (schema: verifier/schemas/verification.schema.json)."""

from collections.abc import Sequence

from verifier.report.printable import printable
from verifier.report.tables import table
from verifier.signing.signers import Pin
from verifier.signing.verify import Verification
from verifier.verdict import Row, Status

SCHEMA = "samebits/verification/v2"


def verification_text(found: Verification) -> str:
    """Returns the whole report, without colour."""
    title = printable(found.identifier or found.path)
    if found.verified:
        return report_text(found, f"verified  {title}: signed by {printable(', '.join(found.signers))}")
    failed = (row for row in found.rows if row.status is not Status.PASSED)
    reasons = ", ".join(dict.fromkeys(str(row.reason) for row in failed))
    return report_text(found, f"NOT VERIFIED  {title}: {reasons}")


def report_text(found: Verification, last: str) -> str:
    """Returns title, table and advice, and below them what it all came to."""
    rows = [(row.check, row.subject, _result(row)) for row in found.rows]
    parts = [printable(found.identifier or found.path), table(("check", "subject", "result"), rows)]
    failed = [row for row in found.rows if row.status is not Status.PASSED]
    advice = list(dict.fromkeys(line for row in failed for line in row.differences))
    if advice:
        parts.append("\n".join(printable(line) for line in advice))
    return "\n\n".join([*parts, last])


def _result(row: Row) -> str:
    if row.status is not Status.PASSED:
        return f"REFUSED: {row.reason}: {row.detail}"
    if row.excepted:
        return f"excepted by {row.excepted}: {row.reason}: {row.detail}"
    return f"{'warning' if row.warned else 'ok'}: {row.detail}"


def verification_document(found: Verification, pins: Sequence[Pin], root: str | None) -> dict[str, object]:
    """Returns what `verifier verify --json` writes; `root` is the sha256 of the trusted root."""
    may_sign = [pin.identifier for pin in pins]
    return document(found, may_sign=may_sign, root=root, decision=None)


def document(
    found: Verification, *, may_sign: Sequence[str], root: str | None, decision: dict[str, object] | None
) -> dict[str, object]:
    """Returns the JSON of a verification, and of what a policy came to if there is one."""
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
        "schema": SCHEMA,
        "path": found.path,
        "bundle": found.identifier,
        "verified": found.verified,
        "signers": list(found.signers),
        "may_sign": list(may_sign),
        "trusted_root_sha256": root,
        "decision": decision,
        "rows": rows,
    }
