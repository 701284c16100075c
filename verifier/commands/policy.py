"""The command `verifier policy`: a policy in sentences, and what a bundle's licences ask of one."""

import argparse
import json
from pathlib import Path

from verifier.clock import now
from verifier.gate.licences import licences_in
from verifier.policy.lint import lint
from verifier.policy.reading import read_marked
from verifier.report.linted import can_pass, lint_document, lint_text
from verifier.report.printable import complain, printable
from verifier.report.reading import reading_shown
from verifier.report.target import beside, refuse_target, write_document
from verifier.signing.contents import read_contents
from verifier.signing.reasons import Refused

LINT, LICENCES = "lint", "licences"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    what = "lint: say what a policy demands, and what is odd in it; licences: list what a bundle needs"
    parser.add_argument("action", choices=[LINT, LICENCES], help=what)
    parser.add_argument("path", type=Path, metavar="FILE", help="a policy, or a bundle")


def run(arguments: argparse.Namespace) -> int:
    """Explains a policy, or lists licences.

    Returns 0; or 1 where something in the policy lets no bundle through, or the bundle is not what it lists.

    Raises:
        BadInput: it is no policy or no bundle, or contradicts itself.
        CouldNotCheck: something cannot be read.
    """
    refuse_target(arguments.json, judged=(arguments.path,))
    return _lint(arguments) if arguments.action == LINT else _licences(arguments)


def _lint(arguments: argparse.Namespace) -> int:
    marked, policy = read_marked(arguments.path)
    today = now().date()
    findings = lint(policy, today)
    print(lint_text(policy, findings, marked.line, today), file=beside(arguments.json))
    if arguments.json:
        write_document(lint_document(policy, findings, marked.line, today), arguments.json)
    return 0 if can_pass(findings) else 1


def _licences(arguments: argparse.Namespace) -> int:
    try:
        with reading_shown("hashing") as watch:
            contents = read_contents(arguments.path, watch)
    except Refused as refused:
        complain(refused)
        return 1
    found = licences_in(contents.documents["bom"])
    lines = ["licences:", *(f"  - {json.dumps(one)}" for one in found)]
    print("\n".join(map(printable, lines)), file=beside(arguments.json))
    if arguments.json:
        document: dict[str, object] = {
            "schema": "samebits/licences/v1",
            "bundle": contents.identifier,
            "licences": found,
        }
        write_document(document, arguments.json)
    return 0
