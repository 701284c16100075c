"""SLSA verification summaries: what a gate decided of a bundle, a *no* too.

Format: slsa.dev/verification_summary/v1. Our own members begin with `samebits_`; the format allows that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from verifier.clock import rfc3339
from verifier.signing.envelope import Json
from verifier.signing.oms import is_sha256
from verifier.signing.reasons import MOST_SHOWN, Reason, Refused, shown
from verifier.signing.statement import Statement

PREDICATE_TYPE = "https://slsa.dev/verification_summary/v1"
PASSED, FAILED = "PASSED", "FAILED"
VERIFIER = "urn:samebits:verifier"


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A decision, to be stated; `sha256` is that of the bundle, `inputs` those (hex) of statements by their files.

    `reasons` are the codes of refusals: where there is none it passed. `levels` is what was shown of the builds.
    """

    name: str
    sha256: str
    policy: str
    policy_sha256: str
    time: datetime
    channel: str
    tier: str | None
    levels: Sequence[str]
    reasons: Sequence[str]
    exceptions: Sequence[str]
    inputs: Mapping[str, str]


def summary_statement(said: Summary) -> Statement:
    """Returns the statement; a decision without a reason against it has passed."""
    inputs = [
        {"uri": f"file:{name}", "digest": {"sha256": said.inputs[name]}} for name in sorted(said.inputs)
    ]
    predicate: Json = {
        "verifier": {"id": VERIFIER, "version": {"samebits": version("samebits")}},
        "timeVerified": rfc3339(said.time),
        "resourceUri": f"urn:samebits:bundle:{said.name}",
        "policy": {"uri": f"file:{said.policy}", "digest": {"sha256": said.policy_sha256}},
        "inputAttestations": inputs,
        "verificationResult": FAILED if said.reasons else PASSED,
        "verifiedLevels": [FAILED] if said.reasons else list(said.levels),
        "slsaVersion": "1.0",
        "samebits_channel": said.channel,
        "samebits_tier": said.tier,
        "samebits_reasons": list(said.reasons),
        "samebits_exceptions": list(said.exceptions),
    }
    return Statement(name=said.name, sha256=said.sha256, predicate_type=PREDICATE_TYPE, predicate=predicate)


def judge_summary(statement: Statement) -> str:
    """Returns what a summary says, in words.

    Raises:
        Refused: the decision was no, or it is in another form.
    """
    said = statement.predicate
    result, levels = said.get("verificationResult"), said.get("verifiedLevels")
    if result not in (PASSED, FAILED) or not isinstance(levels, list):
        raise Refused(Reason.UNKNOWN_FORMAT, "the summary has no result, or no levels")
    reasons = said.get("samebits_reasons", [])
    if result == FAILED or FAILED in levels or reasons != []:
        raise Refused(Reason.TEST_FAILED, f"a gate has refused it: {_why(reasons)}")
    policy = said.get("policy")
    digest = policy.get("digest") if isinstance(policy, dict) else None
    sha256 = digest.get("sha256") if isinstance(digest, dict) else None
    if not is_sha256(sha256):
        raise Refused(Reason.UNKNOWN_FORMAT, f"the summary names its policy by no sha256: {shown(sha256)}")
    return f"admitted by a gate under the policy {str(sha256)[:12]}"


def _why(reasons: object) -> str:
    """Returns the codes alone: what else is in the list may be of any size and depth."""
    codes = [one for one in reasons if isinstance(one, str)] if isinstance(reasons, list) else []
    return ", ".join(codes)[:MOST_SHOWN] or "it does not say why"
