"""The `verifier` command: names the commands, and turns errors into exit codes."""

import argparse
import os
import signal
import sys
from importlib import import_module
from io import TextIOWrapper
from types import FrameType
from typing import Protocol, cast

from verifier.errors import CouldNotCheck, VerifierError
from verifier.report.printable import complain

EPILOG = "Exit codes: 0 verified; 1 a check failed; 2 bad usage or bad input; 3 could not check."
# A module of verifier/commands each; it is loaded when it is asked for, so that a gate starts in no time.
COMMANDS = {
    "approve": "approve a bundle for deployment under a policy, and sign that",
    "attest": "on a rebuilder: state and sign what this machine's own store has built",
    "audit": "keep and check the record of checks, approvals, admissions and refusals",
    "bom": "print a bundle's bill of materials, as CycloneDX or SPDX",
    "check": "build a model twice and compare every bit",
    "compare": "compare two files or folders bit for bit",
    "doctor": "say what this machine can and cannot check, with a remedy for each",
    "explain": "say what moved between two files or folders, and why it may have",
    "history": "show a model's releases, and what changed between any two",
    "lint": "find what is wrong in contracts, parameters, policies and locks, each with its line, in no time",
    "policy": "explain a policy, what in it can never pass or never fail, and what licences it must allow",
    "release": "record a checked build as models/MODEL/releases/VERSION.json",
    "revoke": "sign the list of what may not be deployed any more",
    "report": "write a verdict for other eyes: JUnit, SARIF, Markdown, a page, a site",
    "sign": "sign a bundle, and state how it was built and evaluated",
    "verify": "verify a bundle's files, signatures and statements, and a policy: offline, without Nix",
}


class Command(Protocol):
    """What a module of verifier/commands offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Adds the arguments of the command."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Runs the command and returns the exit code."""


def _command(name: str) -> Command:
    return cast(Command, import_module(f"verifier.commands.{name}"))


def parser(wanted: str | None) -> argparse.ArgumentParser:
    """Returns the parser of all commands, which knows the arguments of the one that is wanted."""
    top = argparse.ArgumentParser(
        prog="verifier", description="Is this model what it claims to be?", epilog=EPILOG
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, what in COMMANDS.items():
        one = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.", epilog=EPILOG)
        if name == wanted:
            _command(name).add_arguments(one)
            one.add_argument("--json", metavar="FILE", help="write the result as JSON too (- is stdout)")
    return top


def main(argv: list[str] | None = None) -> int:
    """Runs one command and returns the exit code; errors go to stderr as a sentence and an advice."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a file's name need not be text
            stream.reconfigure(errors="backslashreplace")
    words = sys.argv[1:] if argv is None else argv
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        arguments = parser(next((word for word in words if word in COMMANDS), None)).parse_args(words)
        return _command(arguments.command).run(arguments)
    except VerifierError as error:
        complain(error)
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read us has had enough
        return CouldNotCheck.exit_code
    except OSError as error:
        print(
            f"verifier: {error}\n  Make room or correct the permissions, then run it again.", file=sys.stderr
        )
        return CouldNotCheck.exit_code
    except (KeyboardInterrupt, RuntimeError) as error:
        if not isinstance(error, KeyboardInterrupt) and not isinstance(error.__context__, KeyboardInterrupt):
            raise  # an interrupt inside a lock of `threading` arrives as "release unlocked lock"
        print("verifier: interrupted; what was built is kept, run it again to go on", file=sys.stderr)
        return CouldNotCheck.exit_code


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
