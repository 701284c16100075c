"""What a policy came to, as text and as JSON (schema: verifier/schemas/verification.schema.json)."""

from pathlib import Path

from verifier.clock import rfc3339
from verifier.gate.decide import Decision
from verifier.report.printable import printable
from verifier.report.verified import document, report_text


def decision_text(decision: Decision, installed: Path | None) -> str:
    """Returns the whole report, without colour."""
    found, tier = decision.verification, decision.examined.tier
    title = found.identifier or found.path
    lines = [f"NOT ADMITTED  {title}: {', '.join(decision.reasons)}"]
    if found.verified:
        shown = ", ".join(decision.levels) or "nothing shown of its builds"
        lines = [f"admitted  {title} to {decision.channel}, tier {tier.name if tier else 'none'}: {shown}"]
    used = [f"{one.identifier} until {one.expires}" for one in decision.waivers]
    lines += [f"  by exception {', '.join(used)}"] if used else []
    lines += [f"  installed in {installed}"] if installed else []
    return report_text(found, "\n".join(printable(line) for line in lines))


def decision_document(decision: Decision, installed: Path | None) -> dict[str, object]:
    """Returns what `verifier verify --policy FILE --json` writes."""
    examined = decision.examined
    policy, tier = examined.policy, examined.tier
    came_to: dict[str, object] = {
        "policy_sha256": policy.sha256,
        "tier": tier.name if tier else None,
        "channel": decision.channel,
        "time": rfc3339(examined.now),
        "levels": list(decision.levels),
        "exceptions": [one.identifier for one in decision.waivers],
        "installed": str(installed) if installed else None,
    }
    return document(
        decision.verification,
        may_sign=tier.sign if tier else (),
        root=policy.trusted_root.sha256 if policy.trusted_root else None,
        decision=came_to,
    )
