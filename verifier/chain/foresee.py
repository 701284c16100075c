"""Looks at what there is, and foresees a check of a claim: asks stores what they have, and builds nothing."""

from collections.abc import Mapping

from verifier import nix
from verifier.chain.claims import Claims
from verifier.chain.crew import HERE, workers_of
from verifier.chain.forecast import Forecast, forecast
from verifier.chain.pieces import pieces_of
from verifier.chain.sample import draw
from verifier.chain.times import piece_seconds
from verifier.errors import CouldNotCheck
from verifier.flake import Model
from verifier.nix import Store
from verifier.nix_paths import nar_sizes
from verifier.rebuild.options import Chain, Options
from verifier.rebuild.plan import make_plan, written_with
from verifier.release.expected import expected_of
from verifier.release.expecting import expected_seconds


def foresee(model: Model, options: Options, chain: Chain) -> Forecast:
    """Returns who would rebuild which piece of a claim, how long that should take, and what would be moved.

    Raises:
        BadInput: the options do not fit the model.
        CouldNotCheck: Nix, or the place of the claims, does not answer.
    """
    machine = Store()
    plan = make_plan(model, machine)
    pieces = pieces_of(plan)
    workers = workers_of(plan, options, chain)
    claims = Claims(pieces, chain.claims)
    chunks = [piece for piece in pieces if piece.number is not None]
    # Another sample than that of the check: the nonce is drawn anew.
    drawn = set(draw(chain.sample, len(chunks), "", chain.seed).chunks) if chain.sample is not None else None
    chosen = [piece for piece in pieces if piece.number is None or drawn is None or piece.number in drawn]
    needs = {piece.name: (*piece.reads, piece.name) for piece in chosen}
    by_build, version = expected_seconds(model, expected_of(model, machine))
    known = piece_seconds(plan, by_build)
    title = f"{model.name}-{model.version}-"
    lacking = [
        name for name in dict.fromkeys(n for need in needs.values() for n in need) if name not in claims.known
    ]
    needed = nar_sizes(machine, written_with(plan, machine))
    return forecast(
        needs,
        workers,
        {name.removeprefix(title): seconds for name, seconds in known.items()},
        {name: claim.size for name, claim in claims.known.items()},
        lacking=dict.fromkeys(lacking, f"is not in {claims.words}"),
        base=_base(needed, [worker.place for worker in workers], options),
        version=version,
    )


def _base(needed: Mapping[str, int], places: list[str], options: Options) -> dict[str, int | str]:
    """Returns the bytes of sources that each place lacks; a sentence of one that does not answer."""
    remotes = iter(options.rebuilders)
    found: dict[str, int | str] = {}
    for place in dict.fromkeys(places):
        if place == HERE:
            found[place] = sum(needed.values())
            continue
        try:
            lacking = nix.invalid(next(remotes).store, list(needed))
        except CouldNotCheck as error:
            found[place] = error.sentence
            continue
        found[place] = sum(size for path, size in needed.items() if path in lacking)
    return found
