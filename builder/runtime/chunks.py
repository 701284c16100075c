"""The two calls by which a training can be cut into chunks; where it is in one piece, they do nothing.

steps = chunks.load(total, model=model, optimizer=optimizer, schedule=schedule)
for step, batch in zip(steps, itertools.islice(batches, steps.start - 1, None)):
    …
    chunks.save(step)
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from builder.runtime.chunking.chain import chain

T = TypeVar("T")


def load(total: int | None = None, /, **objects: object) -> range:
    """Returns the steps to do, counted from 1; in a chunk that follows another, puts back what that one left.

    `total` is the number of all steps, or of epochs where one is saved after each; None where model.nix says it.
    `objects` are all that changes in the loop: anything with state_dict and load_state_dict, dictionaries of
    arrays, generators. The global generators of Python, numpy and torch are put back too, so call it right before
    the loop.

    Raises:
        Refused: the checkpoint is not this training's, or an object has no state that can be had.
    """
    return chain.load(total, objects)


def save(step: int) -> None:
    """Says that a step is done, optimiser and schedule included; a chunk that another follows ends here.

    Raises:
        Refused: it is not the step that was due, or a state cannot be written without a pickle.
    """
    chain.save(step)


def rest(steps: range, batches: Iterable[T]) -> Iterator[tuple[int, T]]:
    """Yields each step with its batch; `batches` begins anew in every chunk, and what was done is skipped.

    For a DataLoader that shuffles, which needs a generator of its own: the global one is for the steps alone.
    """
    return chain.rest(steps, batches)
