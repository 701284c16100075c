"""The command `verifier check`."""

import argparse
import os
from dataclasses import replace
from pathlib import Path

from verifier.bundle import MANIFEST
from verifier.commands.building import add_building_arguments, options_of, verdict_watched
from verifier.errors import BadInput, CouldNotCheck, VerifierError
from verifier.flake import describe
from verifier.ledger.importing import checks_in
from verifier.ledger.writing import add_ledger_argument, append_all, ledger_files, refuse_ledger
from verifier.nix import Store, version
from verifier.rebuild.folders import copy_tree, make_writable
from verifier.rebuild.remote import parse_remote
from verifier.rebuild.second_store import SecondStores
from verifier.rebuild.variations import choose
from verifier.report.document import Failure, exit_code, verdicts_document
from verifier.report.printable import complain
from verifier.report.target import beside, refuse_target, replace_file, write_document
from verifier.report.terminal import verdict_text, verified_line
from verifier.verdict import Verdict

SECOND_NIX = "Name the folder with the programs of a Nix, such as /opt/nix-2.26/bin."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    add_building_arguments(parser)
    parser.add_argument("--keep-going", action="store_true", help="try the others after a difference too")
    parser.add_argument(
        "--replay", action="store_true", help="train again to name the first tensor that a variation moves"
    )
    parser.add_argument(
        "--second-nix", type=Path, metavar="DIR", help="the programs of another Nix, for the second build"
    )
    parser.add_argument(
        "--rebuilder",
        action="append",
        default=[],
        metavar="URI",
        help="build it on another machine's Nix too: ssh-ng://user@host (may be given several times)",
    )
    parser.add_argument(
        "--rebuilder-verifier",
        default="verifier",
        metavar="PROGRAM",
        help="what a rebuilder is asked to state its build with (default: verifier)",
    )
    add_ledger_argument(parser)
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="copy every bundle that is verified to DIR/MODEL"
    )


def run(arguments: argparse.Namespace) -> int:
    """Builds the models twice and prints a verdict of each; what keeps one from it does not keep the others.

    Raises:
        BadInput: the JSON cannot be written where it should.
    """
    refuse_target(arguments.json, judged=ledger_files(arguments.ledger))
    refuse_ledger(arguments.ledger)
    _refuse_out(arguments.out, arguments.models)
    with SecondStores() as stores:
        verdicts, errors = _judge(arguments, stores)
    _deliver([verdict for verdict in verdicts if verdict.verified], arguments.out)
    _deliver_statements(verdicts, arguments.out)
    if verdicts:
        print(_text(verdicts), file=beside(arguments.json))
    for _, failure in errors:
        complain(failure)
    code = exit_code(verdicts, errors)
    document = verdicts_document(verdicts, errors, code)
    append_all(arguments.ledger, checks_in(document))
    if arguments.json:
        write_document(document, arguments.json)
    return code


def _judge(arguments: argparse.Namespace, stores: SecondStores) -> tuple[list[Verdict], list[Failure]]:
    """Returns the verdicts, and what kept models from one."""
    verdicts: list[Verdict] = []
    errors: list[Failure] = []
    try:
        remotes = tuple(map(parse_remote, dict.fromkeys(arguments.rebuilder)))
        plain = options_of(arguments, stores, _programs(arguments.second_nix))
        options = replace(
            plain,
            keep_going=arguments.keep_going,
            replay=arguments.replay,
            rebuilders=remotes,
            rebuilder_verifier=arguments.rebuilder_verifier,
        )
        models = describe(arguments.flake, list(dict.fromkeys(arguments.models)))
        choices = choose(arguments.flake, [model.name for model in models], arguments.vary)
    except VerifierError as error:
        models, errors = [], [(", ".join(arguments.models), error)]
    for model in models:
        try:
            verdicts.append(verdict_watched(model, choices[model.name], options))
        except VerifierError as error:
            errors.append((model.name, error))
    return verdicts, errors


def _text(verdicts: list[Verdict]) -> str:
    """Returns all reports; of several models those that nobody changed take a line each."""
    brief = [v for v in verdicts if len(verdicts) > 1 and v.unchanged and v.verified and not v.warned]
    whole = [verdict_text(verdict) for verdict in verdicts if verdict not in brief]
    return "\n\n".join([*whole, *(["\n".join(map(verified_line, brief))] if brief else [])])


def _refuse_out(out: Path | None, models: list[str]) -> None:
    """Returns if the bundles may go there: what is replaced is a bundle, and nothing else of the user's."""
    for place in (out / model for model in models) if out else ():
        if os.path.lexists(place) and not (place / MANIFEST).is_file():
            raise BadInput(f"--out: {place} is there, and is no bundle", advice="Name another folder.")


def _deliver(verdicts: list[Verdict], out: Path | None) -> None:
    """Copies bundles out of the store, where everything is read-only, to folders of the user's."""
    if out is None:
        return
    for verdict in verdicts:
        copy_tree(Store().physical(verdict.path), out / verdict.model)
        make_writable(out / verdict.model)


def _deliver_statements(verdicts: list[Verdict], out: Path | None) -> None:
    """Writes what rebuilders stated beside the bundles: a *no* too, which a gate is to see."""
    for verdict in verdicts:
        for one in verdict.attested:
            if out is None:
                what = f"the statement about {one.bundle} that a rebuilder signed is not kept"
                complain(CouldNotCheck(what, advice="Say where it goes: --out DIR"))
                continue
            folder = out / f"{verdict.model}.statements"
            folder.mkdir(parents=True, exist_ok=True)
            for file, content in one.statements.items():
                replace_file(folder / file, content + b"\n")


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
