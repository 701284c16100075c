"""What is odd in exceptions: expired ones, endless ones, and those that excuse nothing."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from verifier.policy.explain import State, left_words, state_of
from verifier.policy.findings import Finding, look
from verifier.policy.terms import Policy, Tier, Waiver
from verifier.signing.reasons import Reason

LONG = timedelta(days=366)
# No exception excuses that these are missing (gate/waivers.py).
UNEXCUSED = {"signature", "contract"}
# Whether a tier demands what a reason is about; all others are always demanded.
DEMANDED: Mapping[str, Callable[[Tier], bool]] = {
    Reason.MISSING_STATEMENT: lambda tier: bool({*tier.statements} - UNEXCUSED),
    Reason.NOT_VARIED: lambda tier: bool(tier.variations),
    Reason.NO_QUORUM: lambda tier: tier.rebuilders.count > 0,
    Reason.NOT_APPROVED: lambda tier: tier.approvals.count > 0,
    Reason.METRIC: lambda tier: bool(tier.metrics),
    Reason.ROLLBACK: lambda tier: tier.rollback_refused,
}


def waiver_findings(policy: Policy, today: date) -> Iterator[Finding]:
    """Yields what is odd in exceptions on a day."""
    for index, waiver in enumerate(policy.waivers):
        for key, sentence in _odd(waiver, policy, today):
            yield look(f"{waiver.identifier} {sentence}", "exceptions", index, *([key] if key else []))


def _odd(waiver: Waiver, policy: Policy, today: date) -> Iterator[tuple[str, str]]:
    state = state_of(waiver, today)
    if state is State.EXPIRED:
        yield "expires", f"expired on {waiver.expires}: a bundle that needs it is refused"
    elif state is State.SOON:
        yield "expires", f"expires on {waiver.expires}, {left_words((waiver.expires - today).days)}"
    elif waiver.expires - today > LONG:
        yield "expires", f"holds for more than a year, until {waiver.expires}"
    if policy.models and waiver.model not in policy.models:
        yield "model", f"is about {waiver.model}, and the policy lists no such model"
        return
    if waiver.version is None and waiver.bundle is None:
        yield "", f"is about every version of {waiver.model}, those to come too"
    tiers = _tiers(waiver, policy)
    for code in sorted(waiver.reasons):
        if code in DEMANDED and not any(DEMANDED[code](tier) for tier in tiers):
            yield "reasons", f"excuses {code}, and nothing is demanded that could fail so"
    if any(waiver.approver in tier.sign for tier in tiers):
        yield "approver", f"was given by {waiver.approver}, who may release what it excuses"
    elif not any(waiver.approver in tier.approvals.of for tier in tiers):
        yield "approver", f"was given by {waiver.approver}, who may approve nothing of that tier"


def _tiers(waiver: Waiver, policy: Policy) -> list[Tier]:
    """Returns the tiers that a waiver's model can be of."""
    name = policy.models.get(waiver.model)
    return list(policy.tiers.values()) if name is None else [policy.tiers[name]]
