"""The command `verifier attest`: a rebuilder states what its own store has built. Others run it there over ssh."""

import argparse
import json
import os
from pathlib import Path

from verifier.commands.signing import add_passphrase_argument, key_signer, refuse_other_than_text
from verifier.errors import BadInput
from verifier.nix import Store
from verifier.rebuild.attesting import attest
from verifier.report.printable import complain, printable
from verifier.report.target import beside, refuse_target, replace_file, write_document
from verifier.signing.reasons import Refused
from verifier.signing.sign import statement_path
from verifier.signing.statement import statement_bytes

VARIABLE = "SAMEBITS_REBUILDER_KEY"
NAME = "provenance-rebuild"
MAKE = f"Name it with --key or ${VARIABLE}, or make one: docs/guides/rebuilders.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("derivation", metavar="DERIVATION", help="that of a bundle: /nix/store/….drv")
    parser.add_argument("--store", type=Path, metavar="DIR", help="a store of its own, above its nix/store")
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help=f"this rebuilder's private key (default: ${VARIABLE})"
    )
    add_passphrase_argument(parser)
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="write the statement there (default: to stdout, in JSON)",
    )
    parser.add_argument("--builder-id", metavar="URI", help="who built (default: the signer)")


def run(arguments: argparse.Namespace) -> int:
    """Writes the signed statement, or prints it as JSON; returns 0, or 1 where what was built is no bundle.

    Raises:
        BadInput: there is no key, or no such derivation.
        CouldNotCheck: the store did not build it, or cannot be read.
    """
    refuse_target(arguments.json)
    refuse_other_than_text(arguments.builder_id or "", "--builder-id")
    signer = key_signer(_key(arguments.key), arguments.passphrase_file)
    builder = arguments.builder_id or f"urn:samebits:signer:{signer.identifier}"
    try:
        statement = attest(arguments.derivation, Store(root=arguments.store), builder)
    except Refused as refused:
        complain(refused)
        return 1
    place = statement_path(NAME, signer, arguments.output or Path())
    signed = signer.sign(statement_bytes(statement))
    if arguments.output is not None:
        arguments.output.mkdir(parents=True, exist_ok=True)
        replace_file(place, signed + b"\n")
        print(f"attested  {statement.name}, in {printable(str(place))}", file=beside(arguments.json))
    document: dict[str, object] = {
        "schema": "samebits/attested/v1",
        "bundle": statement.name,
        "root_sha256": statement.sha256,
        "statements": {place.name: json.loads(signed)},
    }
    if arguments.json or arguments.output is None:
        write_document(document, arguments.json or "-")
    return 0


def _key(named: Path | None) -> Path:
    if named is not None:
        return named
    variable = os.environ.get(VARIABLE)
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    key = Path(variable) if variable else config / "samebits" / "rebuilder.pem"
    if not key.is_file():
        raise BadInput(f"this rebuilder has no key: {key} is no file", advice=MAKE)
    return key
