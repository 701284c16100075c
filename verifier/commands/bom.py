"""The command `verifier bom`: no Nix, no network; nothing is said before the bundle is what its manifest lists."""

import argparse
import hashlib
import json
import sys
from pathlib import Path

from verifier.bom.spdx import spdx_document
from verifier.bundle import DOCUMENTS, MANIFEST
from verifier.errors import BadInput
from verifier.report.printable import complain, printable
from verifier.report.reading import reading_shown
from verifier.report.target import beside, refuse_target, write_bytes, write_document
from verifier.signing.contents import Contents, read_again, read_contents
from verifier.signing.reasons import Refused

FORMATS = ("cyclonedx", "spdx")
STDOUT = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default=FORMATS[0],
        help="CycloneDX 1.6, which is the bundle's own file, or SPDX 3.0.1 (default: %(default)s)",
    )
    parser.add_argument(
        "-o", "--output", default=STDOUT, metavar="FILE", help="where it goes (default: stdout)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Prints the bill of materials; returns 0, or 1 where the bundle is not what its manifest lists.

    Raises:
        BadInput: this is no bundle, or the file cannot be written there.
        CouldNotCheck: something cannot be read.
    """
    for target, option in ((arguments.output, "--output"), (arguments.json, "--json")):
        refuse_target(target, option, judged=(arguments.bundle,))
    if arguments.output == STDOUT == arguments.json:
        raise BadInput("--json - and the bill of materials both go to stdout", advice="Name a file with -o.")
    _refuse_no_bundle(arguments.bundle)
    try:
        with reading_shown("hashing") as watch:
            contents = read_contents(arguments.bundle, watch)
        content = _bill(arguments.bundle, contents, arguments.format)
    except Refused as refused:
        complain(refused)
        print(f"NO BILL  {printable(str(arguments.bundle))}: {refused.reason}", file=sys.stderr)
        return 1
    write_bytes(content, arguments.output)
    _report(contents, content, arguments)
    return 0


def _refuse_no_bundle(folder: Path) -> None:
    if folder.is_dir() and not (folder / MANIFEST).exists():
        raise BadInput(f"{folder} is no bundle: it has no {MANIFEST}", advice="Name the folder of a bundle.")


def _bill(folder: Path, contents: Contents, form: str) -> bytes:
    """Returns the bundle's own file, byte for byte, or what it says in SPDX."""
    if form == "spdx":
        document = spdx_document(contents.documents["bom"])
        text = json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False) + "\n"
        return text.encode("utf-8", "backslashreplace")
    return read_again(folder, DOCUMENTS["bom"], contents.files[DOCUMENTS["bom"]])


def _report(contents: Contents, content: bytes, arguments: argparse.Namespace) -> None:
    if arguments.output != STDOUT:
        where = printable(arguments.output)
        print(f"written  {contents.identifier} as {arguments.format}: {where}", file=beside(arguments.json))
    if arguments.json:
        document: dict[str, object] = {
            "schema": "samebits/bom/v1",
            "bundle": contents.identifier,
            "format": arguments.format,
            "file": arguments.output,
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        write_document(document, arguments.json)
