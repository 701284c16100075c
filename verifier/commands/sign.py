"""The command `verifier sign`."""

import argparse
from pathlib import Path

from verifier.commands.signing import (
    add_signing_arguments,
    contents_to_sign,
    folder_of_statements,
    refuse_other_than_text,
    signer_of_arguments,
)
from verifier.contract.reading import contract_ownership
from verifier.report.printable import printable
from verifier.report.target import beside, write_document
from verifier.signing.contents import Contents
from verifier.signing.contracts import contract_statement
from verifier.signing.sign import read_verdict, statements_about, write_statements


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    add_signing_arguments(parser)
    parser.add_argument(
        "--check", type=Path, metavar="FILE", help="what `verifier check --json` said: provenance, rebuild"
    )
    parser.add_argument(
        "--contract", type=Path, metavar="FILE", help="the model's contract.yaml: owner, tier, approvers"
    )
    parser.add_argument(
        "--builder-id", metavar="URI", help="who built, in the provenance (default: the signer)"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="where the statements go (default: BUNDLE.statements)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Signs a bundle; returns 0, or 1 where the bundle is not what its manifest lists.

    Raises:
        BadInput: a file that was named is not what it should be.
        CouldNotCheck: sigstore's services cannot be reached.
    """
    folder = folder_of_statements(arguments)
    refuse_other_than_text(arguments.builder_id or "", "--builder-id")
    contents = contents_to_sign(arguments.bundle, "NOT SIGNED")
    if contents is None:
        return 1
    verdict = read_verdict(arguments.check, contents) if arguments.check else None
    ownership = contract_ownership(arguments.contract) if arguments.contract else None
    signer = signer_of_arguments(arguments)
    builder = arguments.builder_id or f"urn:samebits:signer:{signer.identifier.replace(' ', ':')}"
    statements = statements_about(contents, verdict, builder)
    if ownership is not None:
        statements["contract"] = contract_statement(contents, *ownership)
    written = write_statements(statements, signer, folder)
    _report(contents, written, folder, arguments)
    return 0


def _report(contents: Contents, written: list[Path], folder: Path, arguments: argparse.Namespace) -> None:
    out = beside(arguments.json)
    for path in written:
        print(f"  {printable(path.name)}", file=out)
    if not any(path.name.startswith("provenance") for path in written):
        why = (
            "that check built nothing"
            if arguments.check
            else "give --check, after verifier check MODEL --json"
        )
        print(f"  no provenance: {why}", file=out)
    print(f"signed  {contents.identifier}: {len(written)} statements in {printable(str(folder))}", file=out)
    if arguments.json:
        document: dict[str, object] = {
            "schema": "samebits/signed/v1",
            "bundle": contents.identifier,
            "root_sha256": contents.root,
            "statements": [str(path) for path in written],
        }
        write_document(document, arguments.json)
