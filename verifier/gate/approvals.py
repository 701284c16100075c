"""Who approved this bundle under this policy: each party once, and nobody what they released or own."""

from collections.abc import Iterator
from dataclasses import replace

from verifier.clock import SKEW, rfc3339
from verifier.gate.case import APPROVAL, CONTRACT, SIGNATURE, Case
from verifier.gate.evidence import Claim
from verifier.signing.approvals import parse_approval
from verifier.signing.reasons import Reason, Refused
from verifier.signing.verify import passed_row, refusal_row
from verifier.verdict import Row


def approval_rows(case: Case) -> Iterator[Row]:
    """Yields a row for each approval, whether it counts, and one that counts them."""
    counted: list[str] = []
    own = False
    for claim in case.evidence.claims:
        if claim.kind != APPROVAL:
            continue
        refused = _refusal(claim, case, counted)
        if refused is None:
            counted.append(claim.party.name)
            yield passed_row(APPROVAL, claim.file, f"by {claim.party.name}")
        elif refused.reason is Reason.FROM_THE_FUTURE:
            yield refusal_row(APPROVAL, claim.file, refused)
        else:
            own = own or refused.reason is Reason.OWN_APPROVAL
            passed = passed_row(APPROVAL, claim.file, f"counts for nothing: {refused.sentence}")
            yield replace(passed, warned=True)
    demanded = case.tier.approvals
    subject, said = f"{demanded.count} demanded", f"{len(counted)} count: {', '.join(counted) or 'nobody'}"
    if len(counted) >= demanded.count:
        yield passed_row("approvals", subject, said)
    else:
        reason = Reason.OWN_APPROVAL if own else Reason.NOT_APPROVED
        yield refusal_row("approvals", subject, Refused(reason, f"{said}{_who_may(case)}"))


def authors(case: Case) -> set[str]:
    """Returns who released the bundle, and who owns the model: their approval is none."""
    released = {c.party.name for c in case.evidence.claims if c.kind in (SIGNATURE, CONTRACT)}
    return released | {case.ownership.owner}


def _may(case: Case) -> list[str]:
    allowed = [name for name in case.tier.approvals.of if name in case.ownership.approvers]
    return [name for name in allowed if name not in authors(case)]


def _who_may(case: Case) -> str:
    return f"; {', '.join(_may(case)) or 'nobody'} may approve it"


def _refusal(claim: Claim, case: Case, counted: list[str]) -> Refused | None:
    """Returns why an approval does not count, or nothing if it does."""
    name = claim.party.name
    approval = parse_approval(claim.statement, case.evidence.contents)
    if approval.approved_on > case.now + SKEW:
        when = rfc3339(approval.approved_on)
        return Refused(Reason.FROM_THE_FUTURE, f"it says that {name} approved on {when}; now is earlier")
    if name in authors(case):
        return Refused(Reason.OWN_APPROVAL, f"{name} released or owns it, and may not approve it too")
    if name not in _may(case):
        where = "the policy" if name not in case.tier.approvals.of else "the contract"
        return Refused(Reason.WRONG_ROLE, f"{where} does not name {name} as an approver")
    if approval.policy_sha256 != case.policy.sha256:
        return Refused(Reason.NOT_APPROVED, f"{name} approved under another policy")
    if name in counted:
        return Refused(Reason.NOT_APPROVED, f"{name} has approved already, and counts once")
    return None
