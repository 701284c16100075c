"""Exceptions of a policy: what a refusal is let pass by, and which would have but has expired."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from verifier.policy.terms import WAIVABLE, Policy, Waiver
from verifier.signing.contents import Contents
from verifier.signing.reasons import Reason, Refused
from verifier.signing.verify import refusal_row
from verifier.verdict import Row, Status

# What the bundle is, who speaks of it, and what is demanded of it are no matter of exceptions.
NEVER = {"files", "statements", "statement", "tier", "signature", "contract"}


def waived(
    rows: Sequence[Row], policy: Policy, contents: Contents, today: date
) -> tuple[list[Row], list[Waiver]]:
    """Returns the rows after the exceptions, and the exceptions that were used.

    An expired one that would have helped has a row of its own, which is refused.
    """
    about = [one for one in policy.waivers if _is_about(one, contents)]
    found: list[Row] = []
    used: dict[str, Waiver] = {}
    expired: dict[str, Waiver] = {}
    for row in rows:
        fitting = [one for one in about if row.reason in one.reasons & WAIVABLE]
        if row.status is Status.PASSED or row.check in NEVER or not fitting:
            found.append(row)
            continue
        valid = next((one for one in fitting if today <= one.expires), None)
        if valid is None:
            expired |= {one.identifier: one for one in fitting}
            found.append(row)
        else:
            used[valid.identifier] = valid
            found.append(_passed(row, valid))
    return [*found, *map(_expired_row, expired.values())], list(used.values())


def _is_about(one: Waiver, contents: Contents) -> bool:
    return (
        one.model == contents.name
        and one.version in (None, contents.version)
        and one.bundle in (None, contents.root)
    )


def _passed(row: Row, by: Waiver) -> Row:
    detail = f"{row.detail}; until {by.expires} by {by.approver}: {by.why} ({by.link})"
    return replace(
        row, status=Status.PASSED, warned=True, excepted=by.identifier, detail=detail, differences=()
    )


def _expired_row(one: Waiver) -> Row:
    refused = Refused(
        Reason.EXCEPTION_EXPIRED, f"it expired on {one.expires}; {one.approver} gave it: {one.why}"
    )
    return refusal_row("exception", one.identifier, refused)
