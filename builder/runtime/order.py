"""The order of the data: derived from the seed alone, the same on every machine."""

from collections.abc import Iterator

import numpy as np

Rows = np.ndarray[tuple[int], np.dtype[np.int64]]


def epochs(rows: int, batch_size: int, seed: int) -> Iterator[Rows]:
    """Yields batches of row numbers without end: int64 arrays of shape (batch_size,), each epoch shuffled anew.

    A batch is always full: what is left at the end of an epoch is dropped. Epoch `e` is a permutation by numpy's
    PCG64 seeded with (seed, e), so that any epoch can be had without those before it.

    Raises:
        ValueError: there are fewer rows than a batch holds.
    """
    if not 0 < batch_size <= rows:
        raise ValueError(f"{rows} rows give no batch of {batch_size}")
    epoch = 0
    while True:
        yield from epoch_batches(rows, batch_size, seed, epoch)
        epoch += 1


def epoch_batches(rows: int, batch_size: int, seed: int, epoch: int) -> Iterator[Rows]:
    """Yields the batches of one epoch, counted from 0."""
    shuffled = np.random.Generator(np.random.PCG64([seed, epoch])).permutation(rows)
    for start in range(0, rows - batch_size + 1, batch_size):
        yield shuffled[start : start + batch_size]
