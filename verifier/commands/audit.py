"""The command `verifier audit`: the ledger is begun, checked, read, added to, and exported from."""

import argparse
from pathlib import Path

from verifier.commands.auditing import ACTION
from verifier.commands.signing import add_passphrase_argument
from verifier.errors import BadInput
from verifier.ledger.entries import KINDS
from verifier.ledger.writing import VARIABLE, add_ledger_argument, ledger_files
from verifier.report.target import refuse_target

NAME_ONE = f"Name it with --ledger, or in ${VARIABLE}."
EPILOG = (
    "Exit codes: 0 done, or intact; 1 ledger or bundle was changed; 2 bad input; 3 could not read or write."
)
ACTIONS = {
    "begin": "make an empty ledger",
    "check": "say whether the ledger is what was written to it",
    "checkpoint": "sign how far the ledger has got, for somebody else to keep",
    "log": "show the entries",
    "record": "write down what other commands wrote with --json, or releases",
    "deployed": "say which deployed models contain a data set or a wheel",
    "export": "write what an auditor asks for about a bundle, signed",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    parsers = {}
    for name, what in ACTIONS.items():
        parsers[name] = one = actions.add_parser(
            name, help=what, description=f"{what[0].upper()}{what[1:]}.", epilog=EPILOG
        )
        add_ledger_argument(one)
        one.add_argument(
            "--json",
            metavar="FILE",
            default=argparse.SUPPRESS,
            help="write the result as JSON too (- is stdout)",
        )
    check, checkpoint, log = parsers["check"], parsers["checkpoint"], parsers["log"]
    check.add_argument("--checkpoint", type=Path, metavar="FILE", help="a signed one, kept by somebody else")
    check.add_argument("--key", type=Path, metavar="PUB", help="the public key of who signed the checkpoint")
    for one in (checkpoint, parsers["export"]):
        one.add_argument("--key", type=Path, required=True, metavar="FILE", help="the private key that signs")
        add_passphrase_argument(one)
        one.add_argument("-o", "--output", required=True, type=Path, metavar="PATH", help="where it goes")
    log.add_argument("--model", metavar="NAME", help="of one model alone")
    log.add_argument("--kind", choices=KINDS, help="of one kind alone")
    parsers["record"].add_argument("files", nargs="+", type=Path, metavar="FILE")
    parsers["deployed"].add_argument("word", metavar="WORD", help="a part of a name or URL, or a sha256")
    parsers["export"].add_argument("bundle", type=Path, metavar="BUNDLE")


def run(arguments: argparse.Namespace) -> int:
    """Runs one action; returns 0, or 1 where the ledger was changed.

    Raises:
        BadInput: there is no such ledger, or a file that was named is not what it should be.
        CouldNotCheck: the ledger cannot be reached or written.
    """
    if not arguments.ledger:
        raise BadInput("no ledger is named", advice=NAME_ONE)
    if arguments.action == "deployed" and not arguments.word.strip():
        raise BadInput("no source is named", advice="Name a part of its name, or its sha256.")
    ledger = ledger_files(arguments.ledger)
    refuse_target(arguments.json, judged=ledger)
    if arguments.action == "checkpoint":
        refuse_target(str(arguments.output), "--output", judged=ledger)
    return ACTION[arguments.action](arguments)
