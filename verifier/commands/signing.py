"""What the commands that sign are told alike: by a key, or keyless."""

import argparse
import getpass
import sys
from pathlib import Path
from typing import TypeAlias

from verifier.errors import BadInput
from verifier.report.printable import complain, printable
from verifier.report.reading import reading_shown
from verifier.report.target import refuse_target, resolved
from verifier.signing.contents import Contents, read_contents
from verifier.signing.keys import load_private_key
from verifier.signing.reasons import Refused
from verifier.signing.sign import KeySigner, Signer
from verifier.signing.verify import statements_beside

Arguments: TypeAlias = argparse.ArgumentParser | argparse._ArgumentGroup
WHO = "Give --key FILE, or --keyless."


def add_signing_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that say who signs."""
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument(
        "--key", type=Path, metavar="FILE", help="a private key: EC P-256, P-384 or P-521, in PEM"
    )
    who.add_argument("--keyless", action="store_true", help="with a certificate for your OIDC identity")
    add_passphrase_argument(parser)
    parser.add_argument(
        "--identity-token-file", type=Path, metavar="FILE", help="keyless: an OIDC token (else CI's own)"
    )
    parser.add_argument(
        "--trust-config", type=Path, metavar="FILE", help="keyless: sigstore's client trust configuration"
    )


def add_passphrase_argument(parser: Arguments) -> None:
    """Adds the argument that names the file of a key's passphrase."""
    parser.add_argument(
        "--passphrase-file", type=Path, metavar="FILE", help="the key's passphrase (else it is asked for)"
    )


def folder_of_statements(arguments: argparse.Namespace) -> Path:
    """Returns where statements about a bundle go: what `-o` names, or beside it.

    Raises:
        BadInput: that, or where the JSON goes, lies in what is judged; or there is no bundle.
    """
    bundle: Path = arguments.bundle
    folder: Path = arguments.output or statements_beside(bundle)
    refuse_target(arguments.json, judged=(bundle, folder))
    if resolved(folder).is_relative_to(resolved(bundle)):
        raise BadInput(
            f"{folder} lies in the bundle", advice="Statements lie beside it; name a folder there."
        )
    return folder


def contents_to_sign(bundle: Path, refusal: str) -> Contents | None:
    """Returns the bundle, read as a gate reads it; None where it is none, which is said: `refusal` and the reason.

    Raises:
        BadInput: there is no such folder.
        CouldNotCheck: something cannot be read.
    """
    try:
        with reading_shown("hashing") as watch:
            return read_contents(bundle, watch)
    except Refused as refused:
        complain(refused)
        print(f"{refusal}  {printable(str(bundle))}: {refused.reason}")
        return None


def refuse_other_than_text(said: str, option: str) -> None:
    """Returns if what is to be signed or recorded is text: an argument can be bytes of any kind.

    Raises:
        BadInput: it is none.
    """
    try:
        said.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadInput(f"{option}: {said!a} is no text in UTF-8", advice="Write it in UTF-8.") from error


def signer_of_arguments(arguments: argparse.Namespace) -> Signer:
    """Returns who signs.

    Raises:
        BadInput: the key or the token is of no use, or an argument is for the other way.
        CouldNotCheck: sigstore's services cannot be reached.
    """
    if arguments.keyless:
        from verifier.signing.keyless_sign import keyless_signer  # noqa: PLC0415 (slow to load, not for keys)

        if arguments.passphrase_file:
            raise BadInput("--passphrase-file is for --key", advice=WHO)
        return keyless_signer(arguments.trust_config, arguments.identity_token_file)
    if arguments.trust_config or arguments.identity_token_file:
        raise BadInput("--trust-config and --identity-token-file are for --keyless", advice=WHO)
    return key_signer(arguments.key, arguments.passphrase_file)


def key_signer(key: Path, passphrase_file: Path | None) -> KeySigner:
    """Returns who signs with a key.

    Raises:
        BadInput: it is no such key, or the passphrase is missing or wrong.
    """
    return KeySigner(load_private_key(key, _passphrase(passphrase_file, key)))


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
