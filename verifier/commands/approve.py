"""The command `verifier approve`."""

import argparse
from datetime import datetime
from pathlib import Path

from verifier.clock import now, rfc3339
from verifier.commands.signing import (
    add_signing_arguments,
    contents_to_sign,
    folder_of_statements,
    refuse_other_than_text,
    signer_of_arguments,
)
from verifier.errors import BadInput
from verifier.ledger.bodies import approval_body
from verifier.ledger.entries import APPROVAL
from verifier.ledger.writing import add_ledger_argument, append_all, ledger_files, refuse_ledger
from verifier.policy.parties import signers_of
from verifier.policy.reading import read_policy
from verifier.policy.terms import Party, Policy
from verifier.report.printable import printable
from verifier.report.target import beside, refuse_target, write_document
from verifier.signing.approvals import LONGEST, approval_statement
from verifier.signing.contents import Contents
from verifier.signing.sign import Signer, signed_statements, statement_path, write_signed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument("--as", dest="party", required=True, metavar="NAME", help="who you are in the policy")
    parser.add_argument(
        "--policy", type=Path, required=True, metavar="FILE", help="the policy under which it may be deployed"
    )
    parser.add_argument("--comment", default="", metavar="TEXT", help="what you looked at")
    add_signing_arguments(parser)
    parser.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="where it goes (default: BUNDLE.statements)"
    )
    add_ledger_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Signs an approval; returns 0, or 1 where the bundle is not what its manifest lists.

    Raises:
        BadInput: a file that was named is not what it should be, or this is nobody who may approve.
        CouldNotCheck: sigstore's services or the ledger cannot be reached.
    """
    folder = folder_of_statements(arguments)
    refuse_target(arguments.json, judged=ledger_files(arguments.ledger))
    if len(arguments.comment) > LONGEST:
        raise BadInput(f"the comment has more than {LONGEST} letters", advice="Link to what is longer.")
    refuse_other_than_text(arguments.comment, "--comment")
    refuse_ledger(arguments.ledger)
    policy = read_policy(arguments.policy)
    party = _approver(arguments.party, policy)
    signer = signer_of_arguments(arguments)
    _refuse_other(signer, party, policy)
    contents = contents_to_sign(arguments.bundle, "NOT APPROVED")
    if contents is None:
        return 1
    _approve(contents, signer, policy, arguments, folder)
    return 0


def _approve(
    contents: Contents, signer: Signer, policy: Policy, arguments: argparse.Namespace, folder: Path
) -> None:
    time = now()
    again = statement_path(APPROVAL, signer, folder).exists()
    statement = approval_statement(contents, policy.sha256, arguments.comment, time)
    signed = signed_statements({APPROVAL: statement}, signer, folder)
    # Recorded once it is signed, and before anybody can use it.
    said = approval_body(contents, arguments.party, policy.sha256, arguments.comment, time)
    append_all(arguments.ledger, [(APPROVAL, contents.name, said)])
    (path,) = write_signed(signed)
    _report(contents, path, again, arguments, time)


def _approver(name: str, policy: Policy) -> Party:
    party = policy.parties.get(name)
    tiers = [tier.name for tier in policy.tiers.values() if name in tier.approvals.of]
    if party is None or not tiers:
        allowed = sorted({name for tier in policy.tiers.values() for name in tier.approvals.of})
        what = "is no party of" if party is None else "may approve nothing under"
        raise BadInput(
            f"{name} {what} {policy.path}", advice=f"Who may approve: {', '.join(allowed) or 'nobody'}."
        )
    return party


def _refuse_other(signer: Signer, party: Party, policy: Policy) -> None:
    if signer.identifier not in signers_of(party):
        raise BadInput(
            f"this key or certificate is not {party.name}'s in {policy.path}",
            advice=f"Sign with what the policy has under parties.{party.name}.",
        )


def _report(
    contents: Contents, path: Path, again: bool, arguments: argparse.Namespace, time: datetime
) -> None:
    out = beside(arguments.json)
    if again:
        print("  an approval by the same signer was there; this one replaces it, and counts once", file=out)
    by = f"by {arguments.party}, in {printable(str(path))}"
    print(f"approved  {contents.identifier} {by}", file=out)
    if arguments.json:
        document: dict[str, object] = {
            "schema": "samebits/approved/v1",
            "bundle": contents.identifier,
            "root_sha256": contents.root,
            "party": arguments.party,
            "time": rfc3339(time),
            "statement": str(path),
        }
        write_document(document, arguments.json)
