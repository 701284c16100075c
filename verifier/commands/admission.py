"""`verifier verify --policy`: decides, records, states and installs, so that nothing is claimed too early.

1. The bundle and all statements are read, and held against the policy.
2. Where nothing is refused, the bundle's bytes are copied and hashed beside the place where they are to go; what
   was told by looking into files is told again, by looking into the copy.
3. Other gates that install there wait. The ledger is locked: what the channel has is read from it, the decision
   is made and written down.
4. The summary is signed and written. Where that fails, the ledger keeps nothing either.
5. The copy takes its place.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.clock import now
from verifier.commands.signing import key_signer
from verifier.errors import BadInput
from verifier.gate.decide import Decision, Examined, decide, examine, hopeless, reexamined
from verifier.gate.evidence import Parties, parties_of
from verifier.gate.install import Stage, refuse_target_folder, staged
from verifier.gate.rollback import Last, refuse_channel
from verifier.gate.summary import summary_of
from verifier.ledger.bodies import decision_entries
from verifier.ledger.writing import ledger_files, locked
from verifier.policy.reading import read_policy
from verifier.policy.terms import Policy
from verifier.report.decided import decision_document, decision_text
from verifier.report.printable import complain
from verifier.report.reading import reading_shown
from verifier.report.target import beside, refuse_target, replace_file, write_document
from verifier.signing.reasons import Refused
from verifier.signing.sign import Signer
from verifier.signing.signers import CertificateVerifier
from verifier.signing.statement import statement_bytes
from verifier.signing.verify import refusal_row

if TYPE_CHECKING:
    from verifier.ledger.ledger import Book

GIVEN = "A policy names all who may sign, and the trusted root; leave those arguments out."


def admit(arguments: argparse.Namespace, statements: Path) -> int:
    """Judges a bundle by a policy; returns 0 where it is admitted, or 1 where it is refused.

    Raises:
        BadInput: a file that was named is not what it should be, or the arguments contradict each other.
        CouldNotCheck: something cannot be read or written.
    """
    bundle = arguments.bundle
    if arguments.key or arguments.signer or arguments.issuer or arguments.trusted_root:
        raise BadInput(
            "--policy and --key, --signer, --issuer or --trusted-root are both given", advice=GIVEN
        )
    named = [path for path in (arguments.policy, arguments.revocations) if path]
    judged = (bundle, statements, *named, *ledger_files(arguments.ledger))
    refuse_target(arguments.summary, "--summary", judged=judged)
    signer = _summary_signer(arguments)
    if arguments.install:
        for place in (bundle, statements):
            refuse_target_folder(arguments.install, place)
    policy = read_policy(arguments.policy)
    refuse_channel(arguments.channel, policy)
    parties = _parties(policy)
    with reading_shown("hashing") as watch:
        found = examine(bundle, statements, policy, parties, arguments.revocations, now(), watch)
    decision, installed = _settle(found, arguments, signer)
    print(decision_text(decision, installed), file=beside(arguments.json))
    if arguments.json:
        write_document(decision_document(decision, installed), arguments.json)
    return 0 if decision.verification.verified else 1


def _summary_signer(arguments: argparse.Namespace) -> Signer | None:
    if (arguments.summary is None) != (arguments.summary_key is None):
        raise BadInput("--summary needs --summary-key, and the other way round", advice="Give both, or none.")
    if arguments.summary_key is None:
        return None
    return key_signer(arguments.summary_key, arguments.passphrase_file)


def _parties(policy: Policy) -> Parties:
    verify: CertificateVerifier | None = None
    if policy.trusted_root is not None:
        from verifier.signing.keyless import load_root  # noqa: PLC0415 (slow to load, and not for keys)

        root = load_root(policy.trusted_root.path)
        if root.sha256 != policy.trusted_root.sha256:
            what = f"{policy.trusted_root.path} has the sha256 {root.sha256}, the policy says another"
            raise BadInput(what, advice="Get the root that the policy pins, or have its owner pin this one.")
        verify = root.verify
    return parties_of(policy, verify)


def _settle(
    found: Examined, arguments: argparse.Namespace, signer: Signer | None
) -> tuple[Decision, Path | None]:
    """Decides, records and installs; returns where it was installed, if it was."""
    if arguments.install is None or hopeless(found) or found.evidence is None:
        return _recorded(found, arguments, signer), None
    try:
        with staged(found.bundle, found.evidence.contents, arguments.install) as stage, stage.turn():
            return _commit(_recorded(reexamined(found, stage.copy), arguments, signer), stage)
    except Refused as refused:  # it changed while it was copied
        row = refusal_row("files", found.bundle.name, refused)
        return _recorded(replace(found, rows=(*found.rows, row)), arguments, signer), None


def _commit(decision: Decision, stage: Stage) -> tuple[Decision, Path | None]:
    if not decision.verification.verified:
        return decision, None
    stage.commit()
    return decision, stage.target


def _recorded(found: Examined, arguments: argparse.Namespace, signer: Signer | None) -> Decision:
    """Returns the decision, once the ledger and the summary have it."""
    with _book(arguments.ledger) as book:
        last, newest = None, None
        if book is not None:
            newest = book.newest_list()
            if found.evidence is not None:
                admitted = book.last_admitted(found.evidence.contents.name, arguments.channel)
                last = Last(version=admitted.version, root=admitted.root) if admitted else None
        decision = decide(found, arguments.channel, last, recorded=book is not None, newest_list=newest)
        if book is not None:
            for kind, subject, body in decision_entries(decision, newest):
                book.append(kind, subject, body)
        if signer is not None:
            _write_summary(decision, arguments.summary, signer)
    return decision


@contextmanager
def _book(url: str | None) -> "Iterator[Book | None]":
    if url is None:
        yield None
        return
    with locked(url) as book:
        yield book


def _write_summary(decision: Decision, path: str, signer: Signer) -> None:
    statement = summary_of(decision)
    if statement is None:
        complain(
            BadInput("no summary is written: what is there has no digest", advice="Get the bundle again.")
        )
        return
    replace_file(Path(path), signer.sign(statement_bytes(statement)) + b"\n")
