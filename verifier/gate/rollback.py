"""A channel goes forward: nothing older than what was admitted last, and no other bytes of the same version."""

import re
from dataclasses import dataclass

from verifier.contract.held import nearest
from verifier.errors import BadInput
from verifier.policy.terms import Policy
from verifier.release.versions import precedence
from verifier.signing.contents import Contents
from verifier.signing.reasons import Reason, Refused
from verifier.signing.verify import passed_row, refusal_row
from verifier.verdict import Row

ADVICE = "Name one of them, or have the policy's owner add it under `channels`."
CHANNEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, kw_only=True)
class Last:
    """What was admitted last to a channel of a model."""

    version: str
    root: str


def refuse_channel(name: str, policy: Policy) -> None:
    """Returns if there is such a channel: with a name that is misspelt every version would be its first.

    Raises:
        BadInput: it is none of the policy's, or no name.
    """
    if not CHANNEL.fullmatch(name):
        what = f"--channel: {name!a} is no name of a channel"
        raise BadInput(what, advice="Use letters, digits and . _ - for it.")
    if policy.channels and name not in policy.channels:
        known = list(policy.channels)
        raise BadInput(f"{policy.path} has no channel {name!r}{nearest(name, known)}", advice=ADVICE)


def rollback_row(contents: Contents, channel: str, last: Last | None, *, recorded: bool) -> Row:
    """Returns the row; `recorded` says whether there is a ledger that would know."""
    subject = f"channel {channel}"
    if not recorded:
        what = "without a ledger nobody knows what was admitted last; name it with --ledger"
        return refusal_row("rollback", subject, Refused(Reason.ROLLBACK, what))
    if last is None:
        return passed_row("rollback", subject, f"the first {contents.name} that it gets")
    if last.root == contents.root:
        return passed_row("rollback", subject, f"{last.version} is what it has")
    here, before = precedence(contents.version), precedence(last.version)
    if here > before:
        return passed_row("rollback", subject, f"newer than {last.version}")
    what = (
        f"{contents.version} is older than {last.version}, which was admitted last"
        if here < before
        else f"{last.version} was admitted with other bytes, {last.root[:12]}"
    )
    return refusal_row("rollback", subject, Refused(Reason.ROLLBACK, what))
