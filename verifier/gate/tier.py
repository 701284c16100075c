"""Which tier a bundle is of: its contract says so, signed by a party who may release that tier's models.

A policy that lists models decides itself: the contract has to say the same.
"""

from verifier.contract.terms import Ownership
from verifier.gate.case import CONTRACT, parties_for
from verifier.gate.evidence import Claim, Evidence
from verifier.policy.terms import Policy, Tier
from verifier.signing.contracts import parse_contract
from verifier.signing.reasons import Reason, Refused, shown


def tier_of(evidence: Evidence, policy: Policy) -> tuple[Tier, Ownership]:
    """Returns the tier, and what the contract says of owner and approvers.

    Raises:
        Refused: no contract that counts says it, two say different things, or the policy says otherwise.
    """
    claims = [claim for claim in evidence.claims if claim.kind == CONTRACT]
    if not claims:
        raise Refused(
            Reason.MISSING_STATEMENT, "no contract is signed: nobody says which tier the model is of"
        )
    said = {(claim.party.name, parse_contract(claim.statement)): claim for claim in claims}
    counted = {ownership for (_, ownership), claim in said.items() if _counts(claim, ownership, policy)}
    if not counted:
        raise _why_none([(claim, ownership) for (_, ownership), claim in said.items()], policy)
    if len(counted) > 1:
        raise Refused(Reason.WRONG_TIER, f"{len(counted)} contracts are signed, which say different things")
    (ownership,) = counted
    _refuse_other_tier(evidence.contents.name, ownership.tier, policy)
    return policy.tiers[ownership.tier], ownership


def _counts(claim: Claim, ownership: Ownership, policy: Policy) -> bool:
    tier = policy.tiers.get(ownership.tier)
    return tier is not None and claim.party.name in parties_for(CONTRACT, tier)


def _why_none(said: list[tuple[Claim, Ownership]], policy: Policy) -> Refused:
    claim, ownership = said[0]
    if ownership.tier not in policy.tiers:
        return Refused(Reason.UNKNOWN_TIER, f"the policy has no tier {shown(ownership.tier)}")
    return Refused(
        Reason.WRONG_ROLE,
        f"{claim.party.name} signed the contract, and may not release {ownership.tier} models",
    )


def _refuse_other_tier(model: str, tier: str, policy: Policy) -> None:
    if not policy.models:
        return
    if model not in policy.models:
        raise Refused(Reason.UNKNOWN_TIER, f"the policy lists models, and {model} is none of them")
    if policy.models[model] != tier:
        raise Refused(Reason.WRONG_TIER, f"the contract says {tier}, the policy {policy.models[model]}")
