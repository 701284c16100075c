"""What an auditor asks for about one release: a folder with its documents, statements and entries of the ledger.

It is written beside, with a list of every file's sha256, and signed as a whole; then it gets its name. Weights are
not copied: the bundle's manifest has their digests.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from verifier.bundle import MANIFEST, WEIGHTS
from verifier.clock import rfc3339
from verifier.errors import BadInput
from verifier.ledger.annex_iv import answers, document, table
from verifier.ledger.entries import Entry
from verifier.report.target import replace_file
from verifier.signing.contents import Contents, read_again
from verifier.signing.oms import oms_statement
from verifier.signing.sign import SUFFIX, Signer
from verifier.signing.statement import statement_bytes
from verifier.signing.tree import read_tree

# Larger files are data of the training, not documents.
LARGEST_BYTES = 16 << 20
LEFT_OUT = (WEIGHTS, "training/trace/")


def export(
    bundle: Path,
    contents: Contents,
    statements: Sequence[Path],
    entries: Sequence[Entry],
    signer: Signer,
    target: Path,
    time: datetime,
) -> list[str]:
    """Writes the package to `target` and its signature beside it; returns its files.

    Raises:
        BadInput: the target is there already.
        Refused: the bundle changed meanwhile.
        OSError: it cannot be written.
    """
    if target.exists() or target.is_symlink():
        raise BadInput(f"{target} is there already", advice="Name a new folder: a package is never changed.")
    beside = target.with_name(f".{target.name}.writing")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        files = _collected(bundle, contents, statements, entries, time)
        for path, content in files.items():
            place = beside / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        signature = signer.sign(statement_bytes(oms_statement(target.name, read_tree(beside))))
        replace_file(target.with_name(f"{target.name}{SUFFIX}"), signature + b"\n")
        beside.rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return sorted(files)


def _collected(
    bundle: Path, contents: Contents, statements: Sequence[Path], entries: Sequence[Entry], time: datetime
) -> Mapping[str, bytes]:
    files = {
        path: read_again(bundle, path, file)
        for path, file in contents.files.items()
        if not path.startswith(LEFT_OUT) and file.size <= LARGEST_BYTES
    }
    files[f"bundle-{MANIFEST}"] = files.pop(MANIFEST)
    files |= {f"statements/{path.name}": path.read_bytes() for path in statements}
    files["ledger.json"] = _json([entry.document for entry in entries])
    found = list(answers(sorted(files)))
    title = f"Technical documentation of {contents.identifier}, {rfc3339(time)}"
    files["annex-iv.md"] = table(found, title).encode("utf-8")
    head = {"schema": "samebits/annex-iv/v1", "bundle": contents.identifier, "root_sha256": contents.root}
    files["annex-iv.json"] = _json({**head, "date": rfc3339(time), "items": document(found)})
    return files


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n").encode("utf-8")
