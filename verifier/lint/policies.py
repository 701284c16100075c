"""A policy, held against all that reading it asks for; and what in it can never pass."""

from pathlib import Path

from verifier.clock import now
from verifier.errors import BadInput
from verifier.lint.findings import Finding, finding_of
from verifier.policy.findings import Kind
from verifier.policy.lint import lint
from verifier.policy.reading import read_marked

ADVICE = "The whole policy in sentences, and what in it can never fail: verifier policy lint FILE"


def policy_findings(path: Path) -> list[Finding]:
    """Returns what `read_policy` refuses, or else what lets no bundle through; all else is a matter of taste."""
    try:
        marked, policy = read_marked(path)
    except BadInput as error:
        return [finding_of(error, path)]
    return [
        Finding(
            file=path, line=marked.line(one.place), sentence=f"never passes: {one.sentence}", advice=ADVICE
        )
        for one in lint(policy, now().date())
        if one.kind is Kind.NEVER_PASSES
    ]
