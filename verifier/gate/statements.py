"""Which statements are there, whose count, and which are missing."""

from collections.abc import Iterator
from dataclasses import replace

from verifier.gate.case import APPROVAL, CONTRACT, SIGNATURE, Case
from verifier.gate.evidence import Claim
from verifier.signing.reasons import Reason, Refused
from verifier.signing.verify import passed_row, refusal_row
from verifier.verdict import Row

SUMMARY = "summary"


def statement_rows(case: Case) -> Iterator[Row]:
    """Yields a row for each claim, and one for each kind that is demanded and that nobody made who may."""
    for claim in case.evidence.claims:
        if claim.kind != APPROVAL:  # approvals are counted by their own rule
            yield _row(claim, case)
    for kind in dict.fromkeys((SIGNATURE, CONTRACT, *case.tier.statements)):
        if not any(case.evidence.of(kind, case.may_make(kind))):
            yield refusal_row(kind, case.evidence.contents.identifier, _missing(kind, case))


def _row(claim: Claim, case: Case) -> Row:
    by = f"signed by {claim.party.name}"
    if claim.kind == SUMMARY:
        return passed_row(claim.kind, claim.file, f"an earlier decision, {by}; this gate decides by itself")
    if claim.party.name in case.may_make(claim.kind):
        return passed_row(claim.kind, claim.file, f"{claim.said}; {by}")
    return replace(
        passed_row(claim.kind, claim.file, f"counts for nothing: {by}, whose role it is not"), warned=True
    )


def _missing(kind: str, case: Case) -> Refused:
    others = sorted({claim.party.name for claim in case.evidence.claims if claim.kind == kind})
    if others:
        who = ", ".join(others)
        return Refused(Reason.WRONG_ROLE, f"there is a {kind} by {who} alone, whose role it is not")
    if kind == SIGNATURE:
        return Refused(Reason.NO_SIGNATURE, "nobody has signed all the files of this bundle")
    return Refused(Reason.MISSING_STATEMENT, f"there is no {kind}, which the tier {case.tier.name} demands")
