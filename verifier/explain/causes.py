"""Probable causes: findings are tried from cause to effect; the first that a rule fits is the evidence."""

from collections.abc import Sequence

from verifier.explain.findings import Cause, Finding
from verifier.explain.rules import RULES, Rule


def cause_of(findings: Sequence[Finding]) -> Cause | None:
    """Returns the most probable cause of what was found, in the order of cause and effect; None where none fits.

    What the step `package` draws from the other files is looked at only where nothing else differs.
    """
    own = [finding for finding in findings if finding.step != "package"] or findings
    for finding in own:
        rule = next((rule for rule in RULES if _fits(rule, finding, own)), None)
        if rule is not None:
            place = f", {finding.place}" if finding.place else ""
            evidence = f"{finding.path}{place}: {finding.sentence}"
            return Cause(sentence=rule.sentence, evidence=evidence, remedy=rule.remedy)
    return None


def _fits(rule: Rule, finding: Finding, findings: Sequence[Finding]) -> bool:
    if not rule.needs <= finding.facts or rule.lacks & finding.facts:
        return False
    same_file = (one for one in findings if _file(one) == _file(finding))
    return not rule.alone or all(rule.needs <= one.facts for one in same_file)


def _file(finding: Finding) -> str:
    return finding.path.partition("!")[0]
