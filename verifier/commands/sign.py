"""The command `verifier sign`."""

import argparse
import getpass
import sys
from pathlib import Path

from verifier.errors import BadInput
from verifier.report.printable import complain, printable
from verifier.report.reading import reading_shown
from verifier.report.target import beside, refuse_target, write_document
from verifier.signing.contents import Contents, read_contents
from verifier.signing.keys import load_private_key
from verifier.signing.reasons import Refused
from verifier.signing.sign import KeySigner, Signer, read_verdict, statements_about, write_statements
from verifier.signing.verify import statements_beside

WHO = "Give --key FILE, or --keyless."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument(
        "--key", type=Path, metavar="FILE", help="a private key: EC P-256, P-384 or P-521, in PEM"
    )
    who.add_argument("--keyless", action="store_true", help="with a certificate for your OIDC identity")
    parser.add_argument(
        "--passphrase-file", type=Path, metavar="FILE", help="the key's passphrase (else it is asked for)"
    )
    parser.add_argument(
        "--identity-token-file", type=Path, metavar="FILE", help="keyless: an OIDC token (else CI's own)"
    )
    parser.add_argument(
        "--trust-config", type=Path, metavar="FILE", help="keyless: sigstore's client trust configuration"
    )
    parser.add_argument(
        "--check", type=Path, metavar="FILE", help="what `verifier check --json` said: provenance, rebuild"
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
    folder = arguments.output or statements_beside(arguments.bundle)
    refuse_target(arguments.json, judged=(arguments.bundle, folder))
    if folder.resolve().is_relative_to(arguments.bundle.resolve()):
        raise BadInput(
            f"{folder} lies in the bundle", advice="Statements lie beside it; name a folder there."
        )
    try:
        with reading_shown("hashing") as watch:
            contents = read_contents(arguments.bundle, watch)
    except Refused as refused:
        complain(refused)
        print(f"NOT SIGNED  {printable(str(arguments.bundle))}: {refused.reason}")
        return 1
    verdict = read_verdict(arguments.check, contents) if arguments.check else None
    signer = _signer(arguments)
    builder = arguments.builder_id or f"urn:samebits:signer:{signer.identifier.replace(' ', ':')}"
    statements = statements_about(contents, verdict, builder)
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


def _signer(arguments: argparse.Namespace) -> Signer:
    if arguments.keyless:
        from verifier.signing.keyless_sign import keyless_signer  # noqa: PLC0415 (slow to load, not for keys)

        if arguments.passphrase_file:
            raise BadInput("--passphrase-file is for --key", advice=WHO)
        return keyless_signer(arguments.trust_config, arguments.identity_token_file)
    if arguments.trust_config or arguments.identity_token_file:
        raise BadInput("--trust-config and --identity-token-file are for --keyless", advice=WHO)
    return KeySigner(load_private_key(arguments.key, _passphrase(arguments.passphrase_file, arguments.key)))


def _passphrase(file: Path | None, key: Path) -> bytes | None:
    """Returns the passphrase from a file, or from the terminal if the key has one; never from an argument."""
    if file is not None:
        try:
            return file.read_bytes().removesuffix(b"\n")
        except OSError as error:
            raise BadInput(
                f"{file} cannot be read: {error.strerror}", advice="Name a file of yours."
            ) from error
    try:
        encrypted = b"ENCRYPTED" in key.read_bytes()[: 1 << 16]
    except OSError:
        return None  # load_private_key says it
    if encrypted and sys.stdin.isatty():
        return getpass.getpass(f"passphrase of {key}: ").encode("utf-8")
    return None
