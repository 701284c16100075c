"""The decision of a gate as a verification summary, a *no* too."""

from verifier.gate.decide import Decision
from verifier.report.printable import printable
from verifier.signing.oms import root_digest
from verifier.signing.reasons import Refused
from verifier.signing.statement import Statement
from verifier.signing.summaries import Summary, summary_statement
from verifier.signing.tree import read_tree


def summary_of(decision: Decision) -> Statement | None:
    """Returns the statement; None where the folder cannot be read as one, so that it has no digest to speak of.

    Raises:
        CouldNotCheck: the folder cannot be read.
    """
    contents, examined = decision.contents, decision.examined
    try:
        name = contents.identifier if contents else printable(examined.bundle.name)
        sha256 = contents.root if contents else root_digest(read_tree(examined.bundle))
    except Refused:
        return None
    return summary_statement(
        Summary(
            name=name,
            sha256=sha256,
            policy=printable(examined.policy.path.name),
            policy_sha256=examined.policy.sha256,
            time=examined.now,
            channel=decision.channel,
            tier=examined.tier.name if examined.tier else None,
            levels=decision.levels,
            reasons=decision.reasons,
            exceptions=[one.identifier for one in decision.waivers],
            inputs=examined.evidence.inputs if examined.evidence else {},
        )
    )
