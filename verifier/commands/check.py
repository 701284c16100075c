"""The command `verifier check`."""

import argparse
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from verifier.bundle import MANIFEST
from verifier.clock import now, rfc3339
from verifier.commands.building import add_building_arguments, options_of, verdict_watched
from verifier.commands.chaining import add_chain_arguments, chain_of, print_forecasts, vary_of
from verifier.errors import BadInput, CouldNotCheck, VerifierError
from verifier.flake import Model, describe
from verifier.ledger.importing import checks_in
from verifier.ledger.writing import add_ledger_argument, append_all, ledger_files, refuse_ledger
from verifier.nix import Store, version
from verifier.rebuild.affected import affected
from verifier.rebuild.concerns import trouble_with
from verifier.rebuild.folders import copy_tree, make_writable
from verifier.rebuild.options import Chain, Options
from verifier.rebuild.remote import parse_remote
from verifier.rebuild.second_store import SecondStores
from verifier.rebuild.variations import choose
from verifier.report.document import run_document
from verifier.report.files import refuse_folder, write_reports
from verifier.report.printable import complain
from verifier.report.run import Run, Trouble, Unaffected, trouble_of
from verifier.report.run_text import run_text
from verifier.report.target import beside, refuse_target, replace_file, write_document
from verifier.verdict import Verdict

SECOND_NIX = "Name the folder with the programs of a Nix, such as /opt/nix-2.26/bin."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    add_building_arguments(parser, models="*")
    parser.add_argument(
        "--changed-since",
        metavar="REV",
        help="only the models that changed since a git revision, by their derivations (of all, if none is named)",
    )
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
    add_chain_arguments(parser)
    add_ledger_argument(parser)
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="copy every bundle that is verified to DIR/MODEL"
    )
    parser.add_argument(
        "--report",
        type=Path,
        metavar="DIR",
        help="write the result to DIR too: JSON, JUnit, SARIF, Markdown and HTML",
    )


def run(arguments: argparse.Namespace) -> int:
    """Builds the models twice and prints a verdict of each; what keeps one from it does not keep the others.

    Raises:
        BadInput: the JSON cannot be written where it should.
    """
    refuse_target(arguments.json, judged=ledger_files(arguments.ledger))
    refuse_ledger(arguments.ledger)
    if not arguments.models and arguments.changed_since is None:
        raise BadInput("no model is named", advice="Name one, or say --changed-since REV.")
    refuse_folder(arguments.report)
    _refuse_out(arguments.out, arguments.models)
    chain = chain_of(arguments)
    with SecondStores() as stores:
        if chain is not None and arguments.dry_run:
            options = _options(arguments, stores, chain)
            print_forecasts(_chosen(arguments).models, options, chain)
            return 0
        result = _judge(arguments, stores, chain)
    _deliver([verdict for verdict in result.verdicts if verdict.verified], arguments.out)
    _deliver_statements(result.verdicts, arguments.out)
    document = run_document(result)
    append_all(arguments.ledger, checks_in(document))
    if arguments.json:
        write_document(document, arguments.json)
    page = write_reports(result, arguments.report) if arguments.report else None
    # Last, since whoever reads may have had enough of it (head -n 1).
    if result.verdicts or result.unaffected:
        print(run_text(result), file=beside(arguments.json))
    for trouble in result.troubles:
        complain(trouble)
    if page:
        print(f"report    {page}", file=beside(arguments.json))
    return result.exit_code


def _options(arguments: argparse.Namespace, stores: SecondStores, chain: Chain | None) -> Options:
    return replace(
        options_of(arguments, stores, _programs(arguments.second_nix)),
        keep_going=arguments.keep_going,
        replay=arguments.replay,
        rebuilders=tuple(map(parse_remote, dict.fromkeys(arguments.rebuilder))),
        rebuilder_verifier=arguments.rebuilder_verifier,
        vary=vary_of(arguments),
        chain=chain,
    )


def _judge(arguments: argparse.Namespace, stores: SecondStores, chain: Chain | None) -> Run:
    """Returns the verdicts, and what kept models from one."""
    verdicts: list[Verdict] = []
    troubles: list[Trouble] = []
    try:
        options = _options(arguments, stores, chain)
        chosen = _chosen(arguments)
        choices = choose(arguments.flake, [model.name for model in chosen.models], options.vary)
    except VerifierError as error:
        named = ", ".join(arguments.models) or "all models"
        return _ended([], [trouble_of(named, error)], _Chosen(models=()))
    for model in chosen.models:
        try:
            verdicts.append(verdict_watched(model, choices[model.name], options))
        except VerifierError as error:
            troubles.append(trouble_with(model, error, Store()))
    return _ended(verdicts, troubles, chosen)


@dataclass(frozen=True, kw_only=True)
class _Chosen:
    """Which models are checked, and with --changed-since why, and why others are not."""

    models: tuple[Model, ...]
    unaffected: tuple[Unaffected, ...] = ()
    since: str | None = None
    why: tuple[tuple[str, str], ...] = ()


def _chosen(arguments: argparse.Namespace) -> _Chosen:
    names = list(dict.fromkeys(arguments.models))
    if arguments.changed_since is None:
        return _Chosen(models=tuple(describe(arguments.flake, names)))
    found = affected(arguments.flake, names, arguments.changed_since, Store())
    return _Chosen(
        models=found.models,
        unaffected=tuple(Unaffected(model=name, why=why) for name, why in found.unaffected.items()),
        since=found.since,
        why=tuple(found.why.items()),
    )


def _ended(verdicts: list[Verdict], troubles: list[Trouble], chosen: _Chosen) -> Run:
    return Run(
        time=rfc3339(now()),
        verdicts=tuple(verdicts),
        troubles=tuple(troubles),
        unaffected=chosen.unaffected,
        since=chosen.since,
        why=chosen.why,
    )


def _refuse_out(out: Path | None, models: list[str]) -> None:
    """Returns if the bundles may go there: what is replaced is a bundle, and nothing else of the user's."""
    for place in (out / model for model in models) if out else ():
        if os.path.lexists(place) and not (place / MANIFEST).is_file():
            raise BadInput(f"--out: {place} is there, and is no bundle", advice="Name another folder.")


def _deliver(verdicts: Iterable[Verdict], out: Path | None) -> None:
    """Copies bundles out of the store, where everything is read-only, to folders of the user's."""
    if out is None:
        return
    for verdict in verdicts:
        copy_tree(Store().physical(verdict.path), out / verdict.model)
        make_writable(out / verdict.model)


def _deliver_statements(verdicts: Iterable[Verdict], out: Path | None) -> None:
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
