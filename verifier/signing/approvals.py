"""An approval: somebody stands for deploying this bundle, in this version, under this policy and no other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from verifier.clock import parse_time, rfc3339
from verifier.signing.contents import Contents
from verifier.signing.oms import is_sha256
from verifier.signing.reasons import Reason, Refused, shown
from verifier.signing.statement import Statement

PREDICATE_TYPE = "urn:samebits:approval:v1"
MEMBERS = {"model", "version", "policy", "approvedOn", "comment"}
LONGEST = 2000


@dataclass(frozen=True, kw_only=True)
class Approval:
    """What an approval says beside who gave it: the sha256 (hex) of the policy's file, when, and a comment."""

    policy_sha256: str
    approved_on: datetime
    comment: str


def approval_statement(contents: Contents, policy_sha256: str, comment: str, time: datetime) -> Statement:
    """Returns the statement about a bundle and the policy with that sha256."""
    return Statement(
        name=contents.identifier,
        sha256=contents.root,
        predicate_type=PREDICATE_TYPE,
        predicate={
            "model": contents.name,
            "version": contents.version,
            "policy": {"digest": {"sha256": policy_sha256}},
            "approvedOn": rfc3339(time),
            "comment": comment,
        },
    )


def parse_approval(statement: Statement, contents: Contents) -> Approval:
    """Returns what an approval of the bundle says.

    Raises:
        Refused: it is in another form, or about another model or version.
    """
    said: Mapping[str, object] = statement.predicate
    if said.keys() != MEMBERS:
        raise Refused(Reason.UNKNOWN_FORMAT, "the approval has other members than its format")
    if (said["model"], said["version"]) != (contents.name, contents.version):
        what = f"{shown(said['model'])} {shown(said['version'])}"
        raise Refused(Reason.WRONG_SUBJECT, f"the approval is about {what}")
    comment = said["comment"]
    if not isinstance(comment, str) or len(comment) > LONGEST:
        raise Refused(Reason.UNKNOWN_FORMAT, "the approval's comment is no text, or too long")
    try:
        approved_on = parse_time(said["approvedOn"])
    except ValueError as error:
        raise Refused(Reason.UNKNOWN_FORMAT, f"the approval's time: {error}") from error
    return Approval(policy_sha256=_policy(said["policy"]), approved_on=approved_on, comment=comment)


def _policy(said: object) -> str:
    digest = said.get("digest") if isinstance(said, dict) and said.keys() == {"digest"} else None
    sha256 = digest.get("sha256") if isinstance(digest, dict) and digest.keys() == {"sha256"} else None
    if not isinstance(sha256, str) or not is_sha256(sha256):
        raise Refused(Reason.UNKNOWN_FORMAT, "the approval does not name the policy by its sha256")
    return sha256
