"""The command `verifier revoke`."""

import argparse
from pathlib import Path

from verifier.clock import now
from verifier.commands.signing import add_signing_arguments, signer_of_arguments
from verifier.report.printable import printable
from verifier.report.target import beside, refuse_target, replace_file, write_document
from verifier.signing.revocations import read_list, revocation_statement
from verifier.signing.statement import statement_bytes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("list", type=Path, metavar="LIST", help="what is revoked, in YAML")
    add_signing_arguments(parser)
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="where the signed list goes")


def run(arguments: argparse.Namespace) -> int:
    """Signs a list of revocations, as issued now; returns 0.

    Raises:
        BadInput: a file that was named is not what it should be.
        CouldNotCheck: sigstore's services cannot be reached.
    """
    refuse_target(arguments.output, "--output", judged=(arguments.list,))
    refuse_target(arguments.json, judged=(arguments.list,))
    found = read_list(arguments.list, now())
    signer = signer_of_arguments(arguments)
    replace_file(Path(arguments.output), signer.sign(statement_bytes(revocation_statement(found))) + b"\n")
    counts = {
        "digests": len(found.digests),
        "signers": len(found.signers),
        "derivations": len(found.derivations),
    }
    said = ", ".join(f"{count} {what}" for what, count in counts.items())
    print(
        f"revoked  list {found.number}: {said}, in {printable(arguments.output)}", file=beside(arguments.json)
    )
    if arguments.json:
        document: dict[str, object] = {"schema": "samebits/revoked/v1", "number": found.number, **counts}
        write_document(document, arguments.json)
    return 0
