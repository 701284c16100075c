"""The command `verifier policy lint`: a policy in sentences, and what in it can never pass or never fail."""

import argparse
from pathlib import Path

from verifier.clock import now
from verifier.policy.lint import lint
from verifier.policy.reading import read_marked
from verifier.report.linted import can_pass, lint_document, lint_text
from verifier.report.target import beside, refuse_target, write_document


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("action", choices=["lint"], help="say what it demands, and what is odd in it")
    parser.add_argument("policy", type=Path, metavar="FILE")


def run(arguments: argparse.Namespace) -> int:
    """Explains a policy; returns 0, or 1 where something in it lets no bundle through.

    Raises:
        BadInput: it is no policy, or contradicts itself.
    """
    refuse_target(arguments.json, judged=(arguments.policy,))
    marked, policy = read_marked(arguments.policy)
    today = now().date()
    findings = lint(policy, today)
    print(lint_text(policy, findings, marked.line, today), file=beside(arguments.json))
    if arguments.json:
        write_document(lint_document(policy, findings, marked.line, today), arguments.json)
    return 0 if can_pass(findings) else 1
