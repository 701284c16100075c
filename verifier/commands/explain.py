"""The command `verifier explain`."""

import argparse
from pathlib import Path

from verifier.compare import behind_link
from verifier.errors import BadInput
from verifier.explain.trees import explain_trees
from verifier.report.document import explanation_document
from verifier.report.explained import explanation_text
from verifier.report.target import beside, refuse_target, write_document

MOST_FINDINGS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("first", type=Path, metavar="A")
    parser.add_argument("second", type=Path, metavar="B")
    parser.add_argument(
        "--limit",
        type=int,
        default=MOST_FINDINGS,
        metavar="N",
        help=f"show the first N findings (default: {MOST_FINDINGS})",
    )


def run(arguments: argparse.Namespace) -> int:
    """Explains A and B; returns 0 where they are equal and 1 where they differ.

    Raises:
        BadInput: one of them does not exist or cannot be read, or the limit is none.
    """
    refuse_target(arguments.json)
    if arguments.limit < 1:
        raise BadInput("--limit must be at least 1", advice="Leave it out to see the first 20.")
    first, second = behind_link(arguments.first), behind_link(arguments.second)
    explanation = explain_trees(first, second, limit=arguments.limit)
    names = str(arguments.first), str(arguments.second)
    print(explanation_text(*names, explanation), file=beside(arguments.json))
    if arguments.json:
        write_document(explanation_document(*names, explanation), arguments.json)
    return 1 if explanation.findings else 0
