"""What the commands that build models are told alike: `check` and `release`."""

import argparse
from dataclasses import replace
from pathlib import Path

from verifier.flake import Model, absolute
from verifier.nix import flake_revision
from verifier.rebuild.check import verdict_of
from verifier.rebuild.options import Options
from verifier.rebuild.second_store import SecondStores
from verifier.rebuild.variations import QUICK, Choice
from verifier.report.live import Live
from verifier.verdict import Verdict


def add_building_arguments(parser: argparse.ArgumentParser, *, models: str = "+") -> None:
    """Adds the arguments that say what is built, and how often; `models` is how many models may be named."""
    parser.add_argument("models", nargs=models, metavar="MODEL")
    parser.add_argument("--flake", default=".", help="the flake that has the models (default: here)")
    parser.add_argument(
        "--again", action="store_true", help="build a second time even if that was done before"
    )
    parser.add_argument(
        "--vary",
        metavar="LIST",
        help="variations of the surroundings: quick (default), all, none, or names with commas",
    )


def options_of(
    arguments: argparse.Namespace, stores: SecondStores, second_nix: Path | None = None
) -> Options:
    """Returns the options of a check, which nobody watches yet.

    Raises:
        CouldNotCheck: Nix is not installed.
    """
    url, revision = flake_revision(absolute(arguments.flake))
    return Options(
        flake=arguments.flake,
        url=url,
        revision=revision,
        again=arguments.again,
        live=Live(quiet=True),
        stores=stores,
        vary=QUICK if arguments.vary is None else arguments.vary,
        second_nix=second_nix,
    )


def verdict_watched(model: Model, choice: Choice, options: Options) -> Verdict:
    """Returns the verdict of a model, and shows what is built meanwhile.

    Raises:
        BadInput: it cannot be built because of what somebody wrote.
        CouldNotCheck: it cannot be built here.
    """
    with Live() as live:
        return verdict_of(model, choice, replace(options, live=live))
