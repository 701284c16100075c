"""What `verifier check` is told of claims that are rebuilt piece by piece."""

import argparse
import math
from collections.abc import Sequence

from verifier.chain.foresee import foresee
from verifier.errors import BadInput
from verifier.flake import Model
from verifier.rebuild.options import Chain, Options
from verifier.rebuild.variations import NONE, QUICK
from verifier.report.chain_plan import forecast_text

ALONE = {
    "workers": "--workers",
    "claims": "--claims",
    "chunk_timeout": "--chunk-timeout",
    "seed": "--seed",
    "dry_run": "--dry-run",
}
MOST_WORKERS = 1024


def add_chain_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments."""
    group = parser.add_argument_group(
        "a claim, piece by piece",
        "each chunk of a training is rebuilt from the claimed one before, side by side",
    )
    group.add_argument("--parallel", action="store_true", help="rebuild every chunk of what is claimed")
    group.add_argument(
        "--sample",
        type=int,
        metavar="K",
        help="rebuild K chunks, drawn after the claim is fixed; never *verified*",
    )
    group.add_argument("--seed", metavar="HEX", help="the nonce of a sample, to draw the same chunks again")
    group.add_argument(
        "--claims",
        metavar="URL|FOLDER",
        help="a Nix cache that has the claims (default: the machine's store)",
    )
    group.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="pieces at a time on this machine (default: as its cores allow)",
    )
    group.add_argument(
        "--chunk-timeout", type=float, metavar="SECONDS", help="how long a worker may have a piece"
    )
    group.add_argument("--dry-run", action="store_true", help="say who would do what, and build nothing")


def chain_of(arguments: argparse.Namespace) -> Chain | None:
    """Returns how a claim is rebuilt; None where that is not asked for.

    Raises:
        BadInput: the arguments do not go together.
    """
    if not arguments.parallel and arguments.sample is None:
        _refuse_alone(arguments)
        return None
    if arguments.seed is not None and arguments.sample is None:
        raise BadInput("--seed draws nothing without --sample", advice="Add --sample K.")
    if arguments.workers is not None and not 0 <= arguments.workers <= MOST_WORKERS:
        raise BadInput(f"--workers {arguments.workers}", advice=f"Give a number from 0 to {MOST_WORKERS}.")
    limit = arguments.chunk_timeout
    if limit is not None and not (math.isfinite(limit) and limit > 0):
        raise BadInput(f"--chunk-timeout {limit:g}", advice="Give a number of seconds above 0.")
    if arguments.replay or (arguments.dry_run and arguments.json):
        word = "--replay" if arguments.replay else "--dry-run --json"
        raise BadInput(f"{word} is not for claims that are rebuilt piece by piece", advice="Leave it out.")
    return Chain(
        workers=arguments.workers,
        claims=arguments.claims,
        piece_seconds=limit,
        sample=arguments.sample,
        seed=arguments.seed,
    )


def _refuse_alone(arguments: argparse.Namespace) -> None:
    for name, word in ALONE.items():
        if getattr(arguments, name) not in (None, False):
            raise BadInput(f"{word} is for --parallel and --sample", advice="Add one of them.")


def vary_of(arguments: argparse.Namespace) -> str:
    """Returns which variations are asked for: with claims none but those that are named, for each trains anew."""
    if arguments.vary is not None:
        return str(arguments.vary)
    return NONE if arguments.parallel or arguments.sample is not None else QUICK


def print_forecasts(models: Sequence[Model], options: Options, chain: Chain) -> None:
    """Prints what a check of the models would do.

    Raises:
        VerifierError: it cannot be foreseen.
    """
    print("\n\n".join(forecast_text(model, foresee(model, options, chain)) for model in models))
