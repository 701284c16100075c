"""The `builder` command: reads arguments, names implementations, turns errors into exit codes."""

import argparse
import sys
from pathlib import Path

from builder.errors import BadInput, BuilderError
from builder.fetch import fetch
from builder.lock import lock
from builder.request import find_requests, read_request

EPILOG = "Exit codes: 0 done; 2 bad usage or bad input; 3 could not be done here."


def parser() -> argparse.ArgumentParser:
    """Returns the parser of all commands."""
    top = argparse.ArgumentParser(prog="builder", description="Pin and fetch what models are built from.")
    top.epilog = EPILOG
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    locking = commands.add_parser("lock", help="resolve requests into locks", epilog=EPILOG)
    locking.add_argument("names", nargs="*", metavar="NAME", help="toolchains or models; all if none")
    locking.add_argument("--root", type=Path, default=Path(), help="the repository (default: here)")
    locking.add_argument("--upgrade", action="store_true", help="forget the locked versions first")
    fetching = commands.add_parser("fetch", help="download what the store lacks", epilog=EPILOG)
    fetching.add_argument("names", nargs="*", metavar="NAME", help="models or toolchains; all if none")
    fetching.add_argument("--flake", default=".", help="the flake (default: here)")
    fetching.add_argument("--jobs", type=int, default=4, help="downloads at a time (default: 4)")
    return top


def main(argv: list[str] | None = None) -> int:
    """Runs one command and returns the exit code; errors go to stderr as a sentence and an advice."""
    arguments = parser().parse_args(argv)
    try:
        return _lock(arguments) if arguments.command == "lock" else _fetch(arguments)
    except BuilderError as error:
        print(f"builder: {error.sentence}\n  {error.advice}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(
            f"builder: {error}\n  Make room or correct the permissions, then run it again.", file=sys.stderr
        )
        return 3
    except KeyboardInterrupt:
        print("builder: interrupted; what was fetched is kept, run it again to go on", file=sys.stderr)
        return 3


def _lock(arguments: argparse.Namespace) -> int:
    root = arguments.root.resolve()
    for name in arguments.names or find_requests(root):
        request = read_request(name, root)
        changed = lock(request, upgrade=arguments.upgrade)
        print(f"{request.lock_path.relative_to(root)}: {'written' if changed else 'unchanged'}")
    return 0


def _fetch(arguments: argparse.Namespace) -> int:
    if arguments.jobs < 1:
        raise BadInput("--jobs must be at least 1", advice="Leave it out for 4.")
    print(fetch(arguments.names, flake=arguments.flake, jobs=arguments.jobs))
    return 0
