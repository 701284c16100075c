"""The command `verifier explain`: its arguments, and how it is run."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from verifier.compare import behind_link
from verifier.errors import BadInput
from verifier.explain.trees import explain_trees
from verifier.report.document import explanation_document, write_document
from verifier.report.explained import explanation_text

MOST_FINDINGS = 20

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_parser(commands: "Commands", epilog: str) -> argparse.ArgumentParser:
    """Adds the arguments of the command and returns their parser."""
    explain = commands.add_parser(
        "explain", help="say what moved between two files or folders, and why it may have", epilog=epilog
    )
    explain.add_argument("first", type=Path, metavar="A")
    explain.add_argument("second", type=Path, metavar="B")
    explain.add_argument(
        "--limit",
        type=int,
        default=MOST_FINDINGS,
        metavar="N",
        help=f"show the first N findings (default: {MOST_FINDINGS})",
    )
    return explain


def run(arguments: argparse.Namespace, out: TextIO) -> int:
    """Explains A and B; returns 0 where they are equal and 1 where they differ.

    Raises:
        BadInput: one of them does not exist or cannot be read, or the limit is none.
    """
    if arguments.limit < 1:
        raise BadInput("--limit must be at least 1", advice="Leave it out to see the first 20.")
    first, second = behind_link(arguments.first), behind_link(arguments.second)
    explanation = explain_trees(first, second, limit=arguments.limit)
    names = str(arguments.first), str(arguments.second)
    print(explanation_text(*names, explanation), file=out)
    if arguments.json:
        write_document(explanation_document(*names, explanation), arguments.json)
    return 1 if explanation.findings else 0
