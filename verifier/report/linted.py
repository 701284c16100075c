"""A policy explained, as text and as JSON (schema: verifier/schemas/policy-lint.schema.json)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from verifier.policy.explain import (
    models_of,
    party_sentence,
    revoking_sentence,
    state_of,
    tier_sentences,
    waiver_sentence,
)
from verifier.policy.findings import Finding, Kind
from verifier.policy.terms import Policy
from verifier.report.printable import printable

# The line of a part of the file, by the keys and indices that lead to it.
LineOf = Callable[[Sequence[str | int]], int]
TITLES = {
    Kind.NEVER_PASSES: "What can never pass",
    Kind.NEVER_FAILS: "What can never fail",
    Kind.LOOK: "What to look at",
}


def lint_text(policy: Policy, findings: Sequence[Finding], line_of: LineOf, today: date) -> str:
    """Returns the whole report, without colour."""
    lines = [f"{policy.path}  sha256 {policy.sha256}"]
    lines += _part("Who is who", (f"{one.name} {party_sentence(one)}" for one in policy.parties.values()))
    for tier in policy.tiers.values():
        named = ", ".join(models_of(tier, policy))
        of = named or ("no model" if policy.models else "the models whose contract says so")
        lines += _part(f"Tier {tier.name}: {of}", tier_sentences(tier, policy))
    lines += _part("Revocations", [revoking_sentence(policy.revocations)])
    excused = (f"{one.identifier} {waiver_sentence(one, today)}" for one in policy.waivers)
    lines += _part("Exceptions", list(excused) or ["There are none."])
    for kind, title in TITLES.items():
        odd = [f"line {line_of(one.place)}: {one.sentence}" for one in findings if one.kind is kind]
        lines += _part(title, odd or ["Nothing was found."])
    return "\n".join(map(printable, lines))


def lint_document(
    policy: Policy, findings: Sequence[Finding], line_of: LineOf, today: date
) -> dict[str, object]:
    """Returns what `verifier policy lint --json` writes."""
    return {
        "schema": "samebits/policy-lint/v1",
        "policy_sha256": policy.sha256,
        "can_pass": can_pass(findings),
        "parties": {name: party_sentence(party) for name, party in policy.parties.items()},
        "tiers": {
            name: {"models": models_of(tier, policy), "sentences": list(tier_sentences(tier, policy))}
            for name, tier in policy.tiers.items()
        },
        "revocations": revoking_sentence(policy.revocations),
        "exceptions": [
            {
                "id": one.identifier,
                "state": str(state_of(one, today)),
                "expires": one.expires.isoformat(),
                "sentence": waiver_sentence(one, today),
            }
            for one in policy.waivers
        ],
        "findings": [
            {
                "kind": str(one.kind),
                "place": ".".join(map(str, one.place)),
                "line": line_of(one.place),
                "sentence": one.sentence,
            }
            for one in findings
        ],
    }


def _part(title: str, lines: Iterable[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)]


def can_pass(findings: Sequence[Finding]) -> bool:
    """Returns whether nothing was found for which no bundle gets through."""
    return not any(one.kind is Kind.NEVER_PASSES for one in findings)
