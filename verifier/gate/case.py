"""One case before the gate: the bundle, what is said of it, and the policy's demands on its tier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from verifier.contract.terms import Ownership
from verifier.gate.evidence import Evidence
from verifier.policy.terms import Policy, Tier
from verifier.signing.reasons import Reason, Refused
from verifier.signing.verify import passed_row, refusal_row
from verifier.verdict import Row

SIGNATURE, CONTRACT, EVALUATION = "signature", "contract", "evaluation"
REBUILD, PROVENANCE, APPROVAL = "rebuild", "provenance", "approval"


@dataclass(frozen=True, kw_only=True)
class Case:
    """What every rule of the gate is given; `folder` is the bundle's, `now` the time of the decision."""

    folder: Path
    evidence: Evidence
    policy: Policy
    tier: Tier
    ownership: Ownership
    now: datetime

    def may_make(self, kind: str) -> tuple[str, ...]:
        """Returns the parties whose claims of a kind count."""
        return parties_for(kind, self.tier)


def parties_for(kind: str, tier: Tier) -> tuple[str, ...]:
    """Returns the parties to whom a tier gives the role of making claims of a kind."""
    if kind in (SIGNATURE, CONTRACT, EVALUATION):
        return tier.sign
    if kind in (REBUILD, PROVENANCE):
        return (*tier.sign, *tier.rebuilders.of)
    return tier.approvals.of if kind == APPROVAL else ()


def judged(check: str, subject: str, faults: Sequence[str], good: str, reason: Reason) -> Row:
    """Returns the row of a rule that has one reason: passed, or refused for the first fault of all."""
    if not faults:
        return passed_row(check, subject, good)
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return refusal_row(check, subject, Refused(reason, f"{faults[0]}{more}"))
