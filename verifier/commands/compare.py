"""The command `verifier compare`."""

import argparse
from pathlib import Path

from verifier.compare import behind_link, compare_trees
from verifier.errors import BadInput
from verifier.report.document import comparison_document
from verifier.report.target import beside, refuse_target, write_document
from verifier.report.terminal import comparison_text
from verifier.trace import prefix_differences


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("first", type=Path, metavar="A")
    parser.add_argument("second", type=Path, metavar="B")
    parser.add_argument(
        "--steps", type=int, metavar="N", help="compare the first N training steps of two traces alone"
    )


def run(arguments: argparse.Namespace) -> int:
    """Compares A and B; returns 0 where they are equal and 1 where they differ.

    Raises:
        BadInput: one of them does not exist or cannot be read.
    """
    refuse_target(arguments.json)
    differences = _differences(arguments)
    names = str(arguments.first), str(arguments.second)
    print(comparison_text(*names, differences, steps=arguments.steps), file=beside(arguments.json))
    if arguments.json:
        write_document(comparison_document(*names, differences), arguments.json)
    return 1 if differences else 0


def _differences(arguments: argparse.Namespace) -> list[str]:
    first, second = behind_link(arguments.first), behind_link(arguments.second)
    if arguments.steps is None:
        return compare_trees(first, second)
    if arguments.steps < 1:
        raise BadInput("--steps must be at least 1", advice="Leave it out to compare everything.")
    return prefix_differences(first, second, arguments.steps)
