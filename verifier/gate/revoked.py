"""The list of what may not be deployed any more: signed by whom the policy names, and fresh enough."""

from datetime import datetime
from pathlib import Path

from verifier.clock import SKEW, rfc3339, shown
from verifier.errors import BadInput
from verifier.gate.evidence import Parties
from verifier.policy.terms import Policy, Revoking
from verifier.signing.envelope import read_signed
from verifier.signing.reasons import Reason, Refused
from verifier.signing.revocations import RevocationList, SeenList, parse_revocations
from verifier.signing.signers import signer_of
from verifier.signing.statement import parse_statement
from verifier.signing.tree import unreadable


def read_revocations(path: Path | None, policy: Policy, parties: Parties) -> RevocationList | None:
    """Returns the list in a file; None where the policy demands none.

    Raises:
        Refused: none was named though the policy demands one, or it is not signed by whom the policy names.
        BadInput: one was named, and the policy names nobody who may sign it.
        CouldNotCheck: it cannot be read.
    """
    demanded = policy.revocations
    if demanded is None:
        if path is not None:
            raise BadInput(
                f"{policy.path} names nobody who may sign a list of revocations",
                advice="Add `revocations` to the policy (docs/reference/policy.md), or leave --revocations out.",
            )
        return None
    if path is None:
        raise Refused(
            Reason.STALE_REVOCATIONS, "the policy demands a list of revocations, and none was named"
        )
    if not path.exists():
        raise BadInput(f"{path} does not exist", advice="Name the file that `verifier revoke` wrote.")
    return _read(path, demanded, parties)


def _read(path: Path, demanded: Revoking, parties: Parties) -> RevocationList:
    try:
        signed = read_signed(path)
    except OSError as error:
        raise unreadable(path, error) from error
    party = parties.of(signer_of(signed, parties.pins))
    if party.name not in demanded.by:
        raise Refused(Reason.WRONG_ROLE, f"the list of revocations is signed by {party.name}, who may not")
    return parse_revocations(parse_statement(signed.payload))


def refuse_stale(found: RevocationList, demanded: Revoking, newest: SeenList | None, now: datetime) -> None:
    """Returns if the list is of now: `newest` is the newest one that was seen before.

    Raises:
        Refused: it is too old, of the future, older than one that was seen, or another one of the same number.
    """
    issued = f"list {found.number} was issued on {rfc3339(found.issued)}"
    if found.issued > now + SKEW:
        raise Refused(Reason.FROM_THE_FUTURE, f"{issued}; now is {rfc3339(now)}")
    if found.issued < now - demanded.max_age:
        raise Refused(Reason.STALE_REVOCATIONS, f"{issued}; at most {shown(demanded.max_age)} are allowed")
    if newest is not None and found.number < newest.number:
        raise Refused(Reason.STALE_REVOCATIONS, f"{issued}, but list {newest.number} was seen before")
    if newest is not None and found.number == newest.number and found.sha256 != newest.sha256:
        raise Refused(Reason.STALE_REVOCATIONS, f"{issued}, but another list {found.number} was seen before")
