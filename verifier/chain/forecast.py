"""Who would rebuild which piece, how long that should take, and what would be moved; nothing is built for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from verifier.chain.schedule import Worker


@dataclass(frozen=True, kw_only=True)
class Share:
    """A piece and who would rebuild it, with seconds (None where no release says) and bytes to be moved there."""

    piece: str
    worker: str
    seconds: float | None
    size: int


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """All shares, pieces whose claims lack, the bytes of what every place needs first (or why it
    does not answer), the place of each worker, and the seconds in all."""

    shares: tuple[Share, ...]
    lacking: Mapping[str, str]
    base: Mapping[str, int | str]
    places: Mapping[str, str]
    seconds: float | None
    one_after_the_other: float | None
    version: str


def forecast(
    needs: Mapping[str, Sequence[str]],
    workers: Sequence[Worker],
    seconds: Mapping[str, float],
    sizes: Mapping[str, int],
    *,
    lacking: Mapping[str, str],
    base: Mapping[str, int | str],
    version: str,
) -> Forecast:
    """Gives each piece of `needs` to whoever would be free first, as if all were equally fast.

    `needs` are the claims that a piece is rebuilt from, its own among them; `sizes` are theirs in bytes.
    """
    free = {worker.name: 0.0 for worker in workers}
    places = {worker.name: worker.place for worker in workers}
    there: dict[str, set[str]] = {worker.place: set() for worker in workers}
    shares = []
    for piece, claims in needs.items():
        worker = min(free, key=lambda name: free[name])
        moved = [claim for claim in claims if claim not in there[places[worker]]]
        there[places[worker]].update(moved)
        # Where no release says how long, the work is dealt out evenly.
        free[worker] += seconds.get(piece, 0.0 if seconds else 1.0)
        shares.append(
            Share(
                piece=piece,
                worker=worker,
                seconds=seconds.get(piece),
                size=sum(sizes.get(claim, 0) for claim in moved),
            )
        )
    return Forecast(
        shares=tuple(shares),
        lacking=lacking,
        base=base,
        places=places,
        seconds=max(free.values()) if seconds else None,
        one_after_the_other=sum(seconds.get(piece, 0.0) for piece in needs) if seconds else None,
        version=version,
    )
