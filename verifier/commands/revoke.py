"""The command `verifier revoke`."""

import argparse
from pathlib import Path

from verifier.clock import now
from verifier.commands.signing import add_signing_arguments, signer_of_arguments
from verifier.errors import BadInput
from verifier.report.printable import counted, printable
from verifier.report.target import beside, refuse_target, replace_file, write_document
from verifier.signing.envelope import read_signed
from verifier.signing.reasons import Refused
from verifier.signing.revocations import (
    RevocationList,
    parse_revocations,
    read_list,
    revocation_statement,
)
from verifier.signing.statement import parse_statement, statement_bytes
from verifier.signing.tree import unreadable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("list", type=Path, metavar="LIST", help="what is revoked, in YAML")
    add_signing_arguments(parser)
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="where the signed list goes")


def run(arguments: argparse.Namespace) -> int:
    """Signs a list of revocations, as issued now; returns 0.

    Raises:
        BadInput: a file that was named is not what it should be, or the list is older than the one there.
        CouldNotCheck: sigstore's services cannot be reached.
    """
    if arguments.output == "-":
        raise BadInput("-o: a signed list goes to a file", advice="Name a file.")
    refuse_target(arguments.output, "--output", judged=(arguments.list,))
    refuse_target(arguments.json, judged=(arguments.list,))
    found = read_list(arguments.list, now())
    _refuse_older(found, Path(arguments.output))
    signer = signer_of_arguments(arguments)
    replace_file(Path(arguments.output), signer.sign(statement_bytes(revocation_statement(found))) + b"\n")
    counts = {
        "digests": len(found.digests),
        "signers": len(found.signers),
        "derivations": len(found.derivations),
    }
    said = ", ".join(counted(count, what[:-1]) for what, count in counts.items())
    print(
        f"revoked  list {found.number}: {said}, in {printable(arguments.output)}", file=beside(arguments.json)
    )
    if arguments.json:
        document: dict[str, object] = {"schema": "samebits/revoked/v1", "number": found.number, **counts}
        write_document(document, arguments.json)
    return 0


def _refuse_older(found: RevocationList, output: Path) -> None:
    """Returns unless a list that is there has a greater number, or the same number and says something else."""
    if not output.exists():
        return
    try:
        last = parse_revocations(parse_statement(read_signed(output).payload))
    except Refused as refused:
        what = f"{output} is there, and is no signed list of revocations"
        raise BadInput(what, advice="Name another file with -o.") from refused
    except OSError as error:
        raise unreadable(output, error) from error
    if found.number < last.number or (found.number == last.number and found.document != last.document):
        raise BadInput(
            f"the list has the number {found.number}, and {output} holds another list {last.number}",
            advice=f"Write number: {last.number + 1} into it; gates refuse a list older than one they saw.",
        )
