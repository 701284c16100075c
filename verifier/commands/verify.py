"""The command `verifier verify`: no Nix, no network; nothing is written but what a policy is asked to."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from verifier.commands.signing import add_passphrase_argument
from verifier.errors import BadInput
from verifier.ledger.writing import add_ledger_argument, ledger_files
from verifier.report.reading import reading_shown
from verifier.report.target import beside, refuse_target, write_document
from verifier.report.verified import verification_document, verification_text
from verifier.signing.keys import load_public_key
from verifier.signing.signers import CertificatePin, KeyPin, Pin
from verifier.signing.verify import statements_beside, verify_bundle

WHO = "Give --policy FILE, or --key FILE, or --signer ID with --issuer URL."
WITH_POLICY = ("revocations", "install", "summary", "summary_key")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument(
        "--key",
        type=Path,
        action="append",
        default=[],
        metavar="PUB",
        help="a public key that may sign",
    )
    parser.add_argument(
        "--signer",
        action="append",
        default=[],
        metavar="ID",
        help="who may sign, exactly: e-mail address or URI",
    )
    parser.add_argument(
        "--issuer", action="append", default=[], metavar="URL", help="who vouches for each --signer, exactly"
    )
    parser.add_argument(
        "--trusted-root",
        type=Path,
        metavar="FILE",
        help="sigstore's trusted_root.json (default: the public one)",
    )
    parser.add_argument(
        "--statements", type=Path, metavar="PATH", help="a folder or a file (default: BUNDLE.statements)"
    )
    _add_gate_arguments(parser)


def _add_gate_arguments(parser: argparse.ArgumentParser) -> None:
    gate = parser.add_argument_group("before deploy")
    gate.add_argument(
        "--policy", type=Path, metavar="FILE", help="policy.yaml: who may sign, what is demanded"
    )
    gate.add_argument(
        "--revocations", type=Path, metavar="FILE", help="the signed list that `verifier revoke` wrote"
    )
    gate.add_argument(
        "--channel", metavar="NAME", default="production", help="where it goes (default: production)"
    )
    gate.add_argument(
        "--install", type=Path, metavar="DIR", help="put the verified bytes there, at once and read-only"
    )
    gate.add_argument("--summary", metavar="FILE", help="write the decision as a signed SLSA summary")
    gate.add_argument("--summary-key", type=Path, metavar="FILE", help="the private key that signs it")
    add_passphrase_argument(gate)
    add_ledger_argument(gate)


def run(arguments: argparse.Namespace) -> int:
    """Verifies a bundle; returns 0, or 1 where it is refused.

    Raises:
        BadInput: a file that was named is not what it should be, or nobody may sign.
        CouldNotCheck: something cannot be read.
    """
    bundle = arguments.bundle
    statements = arguments.statements or statements_beside(bundle)
    refuse_target(arguments.json, judged=(bundle, statements, *ledger_files(arguments.ledger)))
    if arguments.policy:
        from verifier.commands.admission import admit  # noqa: PLC0415 (slow to load, and for a policy alone)

        return admit(arguments, statements)
    for name in WITH_POLICY:
        if getattr(arguments, name):
            raise BadInput(f"--{name.replace('_', '-')} is for --policy", advice=WHO)
    pins, root = _pins(arguments)
    with reading_shown("hashing") as watch:
        verification = verify_bundle(bundle, statements, pins, watch)
    print(verification_text(verification), file=beside(arguments.json))
    if arguments.json:
        write_document(verification_document(verification, pins, root), arguments.json)
    return 0 if verification.verified else 1


def _pins(arguments: argparse.Namespace) -> tuple[Sequence[Pin], str | None]:
    """Returns who may sign, and the sha256 of the trusted root if one is needed."""
    pins: list[Pin] = [KeyPin(key=load_public_key(path)) for path in arguments.key]
    if len(arguments.signer) != len(arguments.issuer):
        raise BadInput("every --signer needs its --issuer", advice=WHO)
    if not pins and not arguments.signer:
        raise BadInput("nobody may sign: neither --key nor --signer is given", advice=WHO)
    if not all((*arguments.signer, *arguments.issuer)):
        raise BadInput("a --signer or an --issuer is empty", advice=WHO)
    if not arguments.signer:
        if arguments.trusted_root:
            raise BadInput("--trusted-root is for --signer", advice=WHO)
        return pins, None
    from verifier.signing.keyless import load_root  # noqa: PLC0415 (slow to load, and not for keys)

    root = load_root(arguments.trusted_root)
    for signer, issuer in zip(arguments.signer, arguments.issuer, strict=True):
        pins.append(CertificatePin(signer=signer, issuer=issuer, verify=root.verify))
    return pins, root.sha256
