"""What an auditor asks for about one release: a folder with its documents, statements and entries of the ledger.

It is written beside, with a list of every file's sha256, and signed as a whole; then it gets its name. Weights are
not copied: the bundle's manifest has their digests.
"""

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from verifier.bundle import MANIFEST, WEIGHTS
from verifier.clock import rfc3339
from verifier.errors import BadInput
from verifier.ledger.annex_iv import answers, document, table
from verifier.ledger.entries import Entry, Json
from verifier.report.target import replace_file, resolved
from verifier.signing.contents import Contents, read_again
from verifier.signing.envelope import parse_signed, plain_content
from verifier.signing.oms import oms_statement
from verifier.signing.reasons import Refused
from verifier.signing.sign import SUFFIX, Signer
from verifier.signing.statement import parse_statement, statement_bytes
from verifier.signing.tree import read_tree

# Larger files are data of the training, not documents.
LARGEST_BYTES = 16 << 20
LEFT_OUT = (WEIGHTS, "training/trace/")
# What is said of this bundle; and what lies beside it and is said of another, which answers nothing.
STATED, OTHER = "statements", "statements/about-others"
LEDGER = "ledger.json"
ELSEWHERE = "Name a new folder elsewhere: a package is never changed."


def export(
    bundle: Path,
    contents: Contents,
    statements: Path,
    entries: Sequence[Entry],
    signer: Signer,
    target: Path,
    time: datetime,
) -> list[str]:
    """Writes the package to `target` and its signature beside it; returns its files.

    Raises:
        BadInput: the target is there already, or in what is exported.
        Refused: the bundle changed meanwhile, or something in `statements` is no statement.
        OSError: it cannot be written.
    """
    signed = target.with_name(f"{target.name}{SUFFIX}")
    _refuse_place(target, signed, bundle, statements)
    files = {**_documents(bundle, contents), **_stated(statements, contents)}
    if entries:
        files[LEDGER] = _json([entry.document for entry in entries])
    files |= _annex(sorted(files), contents, time)
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        beside = Path(folder) / target.name
        for path, content in files.items():
            place = beside / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        signature = signer.sign(statement_bytes(oms_statement(target.name, read_tree(beside))))
        replace_file(signed, signature + b"\n")
        try:
            beside.rename(target)
        except BaseException:
            signed.unlink()
            raise
    return sorted(files)


def _refuse_place(target: Path, signed: Path, bundle: Path, statements: Path) -> None:
    for place in (target, signed):
        if os.path.lexists(place):
            raise BadInput(f"{place} is there already", advice=ELSEWHERE)
    for judged in (bundle, statements):
        if resolved(target).is_relative_to(resolved(judged)):
            raise BadInput(f"{target} would change {judged}", advice=ELSEWHERE)


def _documents(bundle: Path, contents: Contents) -> dict[str, bytes]:
    files = {
        path: read_again(bundle, path, file)
        for path, file in contents.files.items()
        if not path.startswith(LEFT_OUT) and file.size <= LARGEST_BYTES
    }
    files[f"bundle-{MANIFEST}"] = files.pop(MANIFEST)
    return files


def _stated(statements: Path, contents: Contents) -> dict[str, bytes]:
    """Returns the statements: plain files, each a signed one; nothing else gets under our signature."""
    found = {}
    for path in sorted(statements.iterdir()) if statements.is_dir() else ():
        content = plain_content(path)
        try:
            statement = parse_statement(parse_signed(content, path.name).payload)
        except Refused as refused:
            raise Refused(refused.reason, f"{path.name}: {refused.sentence}") from refused
        about = statement.sha256 in (contents.root, contents.manifest)
        found[f"{STATED if about else OTHER}/{path.name}"] = content
    return found


def _annex(files: Sequence[str], contents: Contents, time: datetime) -> dict[str, bytes]:
    found = list(answers(files))
    title = f"Technical documentation of {contents.identifier}, {rfc3339(time)}"
    head: Json = {
        "schema": "samebits/annex-iv/v1",
        "bundle": contents.identifier,
        "root_sha256": contents.root,
    }
    value = {**head, "date": rfc3339(time), "items": document(found)}
    return {"annex-iv.md": table(found, title).encode("utf-8"), "annex-iv.json": _json(value)}


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n").encode("utf-8")
