"""What in a policy can never pass, what can never fail, and what a person should look at."""

from collections.abc import Iterator, Mapping
from datetime import date
from unicodedata import normalize

from verifier.policy.findings import Finding, look, never_fails, never_passes
from verifier.policy.lint_inside import inside_findings
from verifier.policy.lint_waivers import waiver_findings
from verifier.policy.terms import Level, Policy, Quorum, Tier


def lint(policy: Policy, today: date) -> list[Finding]:
    """Returns all findings, in the order of the file's parts: parties, tiers, revocations, exceptions."""
    return [
        *_party_findings(policy),
        *(finding for tier in policy.tiers.values() for finding in _tier_findings(tier, policy)),
        *_revoking_findings(policy),
        *waiver_findings(policy, today),
    ]


def _party_findings(policy: Policy) -> Iterator[Finding]:
    roles = {name for tier in policy.tiers.values() for name in _named(tier)}
    roles |= {waiver.approver for waiver in policy.waivers}
    roles.update(policy.revocations.by if policy.revocations else ())
    for party in policy.parties.values():
        if party.name not in roles:
            yield look(f"{party.name} has no role: what it signs counts for nothing", "parties", party.name)
    yield from _spellings("operator", {party.name: party.operator for party in policy.parties.values()})
    yield from _spellings("platform", {party.name: party.platform for party in policy.parties.values()})
    if policy.trusted_root and not any(party.certificates for party in policy.parties.values()):
        yield look("there is a trusted root, and no party has certificates", "trusted_root")


def _spellings(key: str, said: Mapping[str, str | None]) -> Iterator[Finding]:
    """Yields a finding for a word that is another's but for case, spaces and signs: both count."""
    first: dict[str, str] = {}
    for name, word in said.items():
        if word is None:
            continue
        folded = "".join(filter(str.isalnum, normalize("NFKC", word).casefold()))
        known = first.setdefault(folded, word)
        if known != word:
            yield look(f"the {key}s {known!r} and {word!r} count as two; are they one?", "parties", name, key)


def _named(tier: Tier) -> tuple[str, ...]:
    return (*tier.sign, *tier.rebuilders.of, *tier.approvals.of)


def _tier_findings(tier: Tier, policy: Policy) -> Iterator[Finding]:
    place = ("tiers", tier.name)
    if policy.models and tier.name not in policy.models.values():
        what = f"no model is of the tier {tier.name}: what it demands refuses nothing"
        yield never_fails(what, *place)
    if not tier.sign:
        yield never_passes("nobody may release: there is never a signature", *place, "sign")
    if tier.by_sample is not None:
        what = "a rebuild by sample counts: one false chunk is enough to change a model, and is seldom drawn"
        yield look(what, *place, "by_sample")
    if not tier.variations:
        yield never_fails("no variation is demanded", *place, "variations")
    yield from _rebuilder_findings(tier, policy)
    if not tier.verified_within:
        yield never_passes("every build is older than no time at all", *place, "verified_within")
    yield from _approval_findings(tier)
    yield from inside_findings(tier)
    if not tier.rollback_refused:
        yield never_fails("an older version may follow a newer one", *place, "rollback")


def _rebuilder_findings(tier: Tier, policy: Policy) -> Iterator[Finding]:
    quorum, place = tier.rebuilders, ("tiers", tier.name, "rebuilders")
    if quorum.count == 0:
        yield never_fails("no rebuilder is demanded", *place, "count")
        return
    operators = {name: policy.parties[name].operator for name in quorum.of}
    for index, name in enumerate(quorum.of):
        if operators[name] is None:
            yield look(f"{name} has no operator, and counts for nothing as a rebuilder", *place, "of", index)
    own = {operators[name] for name in quorum.of if name in tier.sign} - {None}
    if len(own) >= quorum.count:
        yield look("those who release are enough rebuilders by themselves", *place, "count")
    if tier.level is Level.PER_PLATFORM and not any(policy.parties[name].platform for name in quorum.of):
        what = "no rebuilder has a platform, so that none is on another: it means the same as 'bitwise'"
        yield look(what, "tiers", tier.name, "level")


def _approval_findings(tier: Tier) -> Iterator[Finding]:
    quorum, place = tier.approvals, ("tiers", tier.name, "approvals", "count")
    if quorum.count == 0:
        yield never_fails("no approval is demanded", *place)
    elif tier.sign and quorum.count > _most_approvals(quorum, tier):
        who = "whoever releases it is one of them, and may not approve it too"
        most = _most_approvals(quorum, tier)
        yield never_passes(f"{quorum.count} approvals are demanded, and {most} can be given: {who}", *place)


def _most_approvals(quorum: Quorum, tier: Tier) -> int:
    """Returns how many can approve: one less where each of those who may release is an approver too."""
    return len(quorum.of) - (1 if set(tier.sign) <= set(quorum.of) else 0)


def _revoking_findings(policy: Policy) -> Iterator[Finding]:
    demanded = policy.revocations
    if demanded is None:
        yield never_fails("no list of revocations is demanded: nothing can be called back")
        return
    if not demanded.by:
        yield never_passes("nobody may sign the list that is demanded", "revocations", "by")
    if not demanded.max_age:
        yield never_passes("every list is older than no time at all", "revocations", "max_age")
