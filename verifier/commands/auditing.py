"""What each action of `verifier audit` does."""

import argparse
import os
from collections.abc import Callable

from verifier.clock import now
from verifier.commands.signing import key_signer
from verifier.errors import BadInput
from verifier.ledger.checking import check_ledger
from verifier.ledger.checkpoints import Checkpoint, checkpoint_statement, read_checkpoint
from verifier.ledger.database import begin_ledger, shown
from verifier.ledger.deployed import deployed_with
from verifier.ledger.entries import BEGINNING, Entry
from verifier.ledger.export import export
from verifier.ledger.importing import entries_of
from verifier.ledger.ledger import open_ledger
from verifier.ledger.writing import append_all
from verifier.report.ledger import checked_text, deployed_text, log_text
from verifier.report.printable import complain, counted, printable
from verifier.report.reading import reading_shown
from verifier.report.target import beside, replace_file, write_document
from verifier.signing.contents import read_contents
from verifier.signing.keys import load_public_key
from verifier.signing.reasons import Refused
from verifier.signing.statement import statement_bytes
from verifier.signing.verify import statements_beside
from verifier.verdict import Status

SCHEMA = "samebits/audit/v1"


def _report(arguments: argparse.Namespace, text: str, **document: object) -> None:
    print(text, file=beside(arguments.json))
    if arguments.json:
        write_document({"schema": SCHEMA, "action": arguments.action, **document}, arguments.json)


def _begin(arguments: argparse.Namespace) -> int:
    begin_ledger(arguments.ledger)
    _report(arguments, f"begun  {_name(arguments)}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    if (arguments.checkpoint is None) != (arguments.key is None):
        raise BadInput("--checkpoint needs --key, and the other way round", advice="Give both, or none.")
    checkpoint = None
    if arguments.checkpoint is not None:
        checkpoint = read_checkpoint(arguments.checkpoint, load_public_key(arguments.key))
    with open_ledger(arguments.ledger) as ledger:
        rows = check_ledger(ledger, checkpoint)
    intact = not any(row.status is Status.FAILED for row in rows)
    shown_rows = [
        {
            "check": row.check,
            "subject": row.subject,
            "status": str(row.status),
            "detail": row.detail,
            "faults": list(row.differences),
        }
        for row in rows
    ]
    _report(arguments, checked_text(rows, _name(arguments)), intact=intact, rows=shown_rows)
    return 0 if intact else 1


def _checkpoint(arguments: argparse.Namespace) -> int:
    signer = key_signer(arguments.key, arguments.passphrase_file)
    last = None  # what was signed before is not replaced by what contradicts it
    if os.path.lexists(arguments.output):
        last = read_checkpoint(arguments.output, signer.public_key)
    with open_ledger(arguments.ledger) as ledger:
        rows = check_ledger(ledger, last)
        if any(row.status is Status.FAILED for row in rows):
            print(checked_text(rows, _name(arguments)), file=beside(arguments.json))
            return 1
        entries = ledger.entries()
    found = Checkpoint(count=len(entries), sha256=entries[-1].sha256 if entries else BEGINNING)
    content = signer.sign(statement_bytes(checkpoint_statement(found, now())))
    replace_file(arguments.output.absolute(), content + b"\n")
    where = printable(str(arguments.output))
    _report(
        arguments,
        f"signed  {counted(found.count, 'entry')}, in {where}",
        count=found.count,
        sha256=found.sha256,
    )
    return 0


def _log(arguments: argparse.Namespace) -> int:
    entries = [
        entry
        for entry in _entries(arguments)
        if arguments.model in (None, entry.subject) and arguments.kind in (None, entry.kind)
    ]
    _report(arguments, log_text(entries), entries=[entry.document for entry in entries])
    return 0


def _record(arguments: argparse.Namespace) -> int:
    found = [one for path in arguments.files for one in entries_of(path)]
    append_all(arguments.ledger, found)
    _report(arguments, f"recorded  {counted(len(found), 'entry')}, in {_name(arguments)}", count=len(found))
    return 0


def _deployed(arguments: argparse.Namespace) -> int:
    found = deployed_with(_entries(arguments), arguments.word)
    shown_models = [
        {
            "model": one.model,
            "channel": one.channel,
            "bundle": one.identifier,
            "since": one.since,
            "sources": list(one.sources),
        }
        for one in found
    ]
    _report(arguments, deployed_text(found, printable(arguments.word)), deployed=shown_models)
    return 0


def _export(arguments: argparse.Namespace) -> int:
    bundle, target = arguments.bundle, arguments.output.absolute()
    signer = key_signer(arguments.key, arguments.passphrase_file)
    statements = statements_beside(bundle)
    try:
        with reading_shown("hashing") as watch:
            contents = read_contents(bundle, watch)
        entries = [entry for entry in _entries(arguments) if _is_about(entry, contents.identifier)]
        files = export(bundle, contents, statements, entries, signer, target, now())
    except Refused as refused:
        complain(refused)
        print(f"NOT EXPORTED  {printable(str(bundle))}: {refused.reason}", file=beside(arguments.json))
        return 1
    said = f"exported  {contents.identifier}: {len(files)} files and their signature, {target}"
    _report(arguments, printable(said), bundle=contents.identifier, files=files)
    return 0


def _is_about(entry: Entry, identifier: str) -> bool:
    return identifier in (entry.body.get("identifier"), entry.body.get("bundle"))


def _entries(arguments: argparse.Namespace) -> list[Entry]:
    with open_ledger(arguments.ledger) as ledger:
        return ledger.entries()


def _name(arguments: argparse.Namespace) -> str:
    return printable(shown(arguments.ledger) if "://" in arguments.ledger else arguments.ledger)


ACTION: dict[str, Callable[[argparse.Namespace], int]] = {
    "begin": _begin,
    "check": _check,
    "checkpoint": _checkpoint,
    "log": _log,
    "record": _record,
    "deployed": _deployed,
    "export": _export,
}
