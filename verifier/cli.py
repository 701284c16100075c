"""The `verifier` command: reads arguments, names implementations, turns verdicts and errors into exit codes."""

import argparse
import os
import signal
import sys
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import TextIO

from verifier import explain_command
from verifier.compare import behind_link, compare_trees
from verifier.errors import BadInput, CouldNotCheck, VerifierError
from verifier.flake import describe
from verifier.nix import version
from verifier.rebuild.check import check_model
from verifier.rebuild.options import Options
from verifier.rebuild.variations import QUICK
from verifier.report.document import Failure, comparison_document, verdicts_document, write_document
from verifier.report.live import Live
from verifier.report.printable import printable
from verifier.report.terminal import comparison_text, verdict_text
from verifier.trace import prefix_differences
from verifier.verdict import Verdict

SECOND_NIX = "Name the folder with the programs of a Nix, such as /opt/nix-2.26/bin."
EPILOG = "Exit codes: 0 verified; 1 a check failed; 2 bad usage or bad input; 3 could not check."


def parser() -> argparse.ArgumentParser:
    """Returns the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="verifier", description="Is this model what it claims to be?", epilog=EPILOG
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="build a model twice and compare every bit", epilog=EPILOG)
    check.add_argument("models", nargs="+", metavar="MODEL")
    check.add_argument("--flake", default=".", help="the flake that has the models (default: here)")
    check.add_argument(
        "--again", action="store_true", help="build a second time even if that was done before"
    )
    check.add_argument(
        "--vary",
        metavar="LIST",
        default=QUICK,
        help="variations of the surroundings: quick (default), all, none, or names with commas",
    )
    check.add_argument("--keep-going", action="store_true", help="try the others after a difference too")
    check.add_argument(
        "--replay", action="store_true", help="train again to name the first tensor that a variation moves"
    )
    check.add_argument(
        "--second-nix", type=Path, metavar="DIR", help="the programs of another Nix, for the second build"
    )
    compare = commands.add_parser("compare", help="compare two files or folders bit for bit", epilog=EPILOG)
    compare.add_argument("first", type=Path, metavar="A")
    compare.add_argument("second", type=Path, metavar="B")
    compare.add_argument(
        "--steps", type=int, metavar="N", help="compare the first N training steps of two traces alone"
    )
    explain = explain_command.add_parser(commands, EPILOG)
    for command in (check, compare, explain):
        command.add_argument("--json", metavar="FILE", help="write the result as JSON too (- is stdout)")
    return top


def main(argv: list[str] | None = None) -> int:
    """Runs one command and returns the exit code; errors go to stderr as a sentence and an advice."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a file's name need not be text
            stream.reconfigure(errors="backslashreplace")
    arguments = parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if arguments.command == "explain":
            _refuse_target(arguments.json)
            return explain_command.run(arguments, _beside(arguments.json))
        return _check(arguments) if arguments.command == "check" else _compare(arguments)
    except VerifierError as error:
        _complain(error)
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


def _complain(error: VerifierError) -> None:
    print(f"verifier: {printable(error.sentence)}\n  {printable(error.advice)}", file=sys.stderr)


def _check(arguments: argparse.Namespace) -> int:
    _refuse_target(arguments.json)
    verdicts: list[Verdict] = []
    errors: list[Failure] = []
    try:
        second_nix = _programs(arguments.second_nix)
        models = describe(arguments.flake, list(dict.fromkeys(arguments.models)))
    except VerifierError as error:
        models, second_nix = [], None
        errors.append((", ".join(arguments.models), error))
    for model in models:
        try:
            with Live() as live:
                options = Options(
                    flake=arguments.flake,
                    again=arguments.again,
                    live=live,
                    vary=arguments.vary,
                    keep_going=arguments.keep_going,
                    replay=arguments.replay,
                    second_nix=second_nix,
                )
                verdicts.append(check_model(model, options))
        except VerifierError as error:
            errors.append((model.name, error))
    if verdicts:
        print("\n\n".join(verdict_text(verdict) for verdict in verdicts), file=_beside(arguments.json))
    for _, failure in errors:
        _complain(failure)
    code = exit_code(verdicts, errors)
    if arguments.json:
        write_document(verdicts_document(verdicts, errors, code), arguments.json)
    return code


def _programs(folder: Path | None) -> Path | None:
    if folder is None:
        return None
    folder = folder.resolve()
    for name in ("nix-store", "nix"):
        if not os.access(folder / name, os.X_OK):
            raise BadInput(f"--second-nix: there is no {name} in {folder} that runs", advice=SECOND_NIX)
    try:
        version(folder)
    except (VerifierError, OSError, IndexError) as error:
        raise BadInput(f"--second-nix: the nix in {folder} does not run", advice=SECOND_NIX) from error
    return folder


def exit_code(verdicts: list[Verdict], errors: list[Failure]) -> int:
    """Returns 1 if any check failed, else the gravest of the errors, else what was not checked, else 0."""
    codes = [verdict.exit_code for verdict in verdicts] + [error.exit_code for _, error in errors]
    return 1 if 1 in codes else max(codes, default=BadInput.exit_code)


def _refuse_target(target: str | None) -> None:
    """Returns if the JSON can be written there; it would be a pity to learn that after an hour of building."""
    if target is None or target == "-":
        return
    path = Path(target).resolve()
    try:
        if not target or path.is_dir():
            raise IsADirectoryError("it is a folder, or has no name")
        if path.is_file() or not path.exists():
            beside = path.with_name(f".{path.name}.{os.getpid()}")
            beside.touch()
            beside.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput(
            f"--json: {target!r} cannot be written: {reason}", advice="Name a file in a folder of yours."
        ) from error


def _compare(arguments: argparse.Namespace) -> int:
    _refuse_target(arguments.json)
    differences = _differences(arguments)
    names = str(arguments.first), str(arguments.second)
    print(comparison_text(*names, differences, steps=arguments.steps), file=_beside(arguments.json))
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


def _beside(json_target: str | None) -> TextIO:
    return sys.stderr if json_target == "-" else sys.stdout
