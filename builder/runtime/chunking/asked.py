"""Which part of a training a chunk is, as model.nix says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from builder.runtime.failure import Refused

GIVE_TOTAL = (
    "Give the number of all steps: chunks.load(steps, …); or write `chunks = { steps = …; total = …; }`."
)


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """The chunk `number`, from 1: an equal share of `of` chunks, or the steps from `first` to `to`."""

    number: int
    last: bool
    of: int | None = None
    first: int = 0
    to: int = 0

    def steps(self, total: int | None) -> range:
        """Returns its steps, counted from 1; `total` is what the script says of the whole training.

        Raises:
            Refused: the script's number is missing, is another than model.nix has, or is too small for the chunks.
        """
        if self.of is None:
            return self._given(total)
        if total is None:
            raise Refused("calls chunks.load without the number of steps", advice=GIVE_TOTAL)
        if total < self.of:
            raise Refused(
                f"has {total} steps, and model.nix cuts it into {self.of} chunks",
                advice="Ask for fewer chunks.",
            )
        return range((self.number - 1) * total // self.of + 1, self.number * total // self.of + 1)

    def _given(self, total: int | None) -> range:
        if total is not None and (total != self.to if self.last else total <= self.to):
            ends = f"at step {self.to}" if self.last else f"after step {self.to}"
            raise Refused(
                f"calls chunks.load with {total} steps, and by model.nix the training ends {ends}",
                advice="Leave the number to model.nix: chunks.load(model=…).",
            )
        return range(self.first, self.to + 1)


def parse_chunk(asked: Mapping[str, object]) -> Chunk:
    """Returns what builder/chunks.nix wrote: {number, of}, or {number, from, to, last}."""
    numbers = {key: cast(int, asked[key]) for key in ("number", "of", "from", "to") if key in asked}
    number = numbers["number"]
    if "of" in numbers:
        return Chunk(number=number, of=numbers["of"], last=number == numbers["of"])
    return Chunk(number=number, first=numbers["from"], to=numbers["to"], last=bool(asked["last"]))


def whole(total: int | None, stated: str | None) -> range:
    """Returns the steps of a training in one piece; `stated` is what model.nix says, as text.

    Raises:
        Refused: nobody says how many there are, or both do and differ.
    """
    if total is None and stated is None:
        raise Refused("calls chunks.load without the number of steps", advice=GIVE_TOTAL)
    if total is not None and stated is not None and total != int(stated):
        raise Refused(
            f"calls chunks.load with {total} steps, and model.nix says {stated}",
            advice="Leave the number to model.nix: chunks.load(model=…).",
        )
    return range(1, int(stated if total is None else total) + 1)  # type: ignore[arg-type]
