"""The command `verifier lint`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from verifier.lint.files import named, tracked
from verifier.lint.findings import Finding
from verifier.lint.linting import lint_files
from verifier.report.printable import counted, printable
from verifier.report.target import beside, refuse_target, write_document


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    what = "contract.yaml, params.yaml, policies, locks (default: all below here that git knows)"
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help=what)


def run(arguments: argparse.Namespace) -> int:
    """Prints a line for each finding; returns 1 where there is one.

    Raises:
        BadInput: a file is not there, or is nothing that is linted; or none is named, and git knows none.
        CouldNotCheck: git is not installed.
    """
    refuse_target(arguments.json, judged=arguments.files)
    files = named(arguments.files) if arguments.files else tracked()
    findings = lint_files(files)
    print(_text(findings, len(files)), file=beside(arguments.json))
    if arguments.json:
        write_document(_document(findings, len(files)), arguments.json)
    return 1 if findings else 0


def _text(findings: Sequence[Finding], count: int) -> str:
    lines = [printable(f"{one.file}:{one.line}: {one.sentence}") for one in findings]
    of = counted(count, "file")
    return "\n".join(lines) or f"{of}: nothing wrong was found"


def _document(findings: Sequence[Finding], count: int) -> dict[str, object]:
    return {
        "schema": "samebits/lint/v1",
        "files": count,
        "findings": [
            {"file": str(one.file), "line": one.line, "sentence": one.sentence, "advice": one.advice}
            for one in findings
        ],
    }
