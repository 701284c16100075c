"""Trains for a third of a second, however many steps that gives."""

import time
from collections.abc import Iterator

import linear
import numpy as np

from builder.runtime import order
from builder.runtime.params import params

BUDGET_SECONDS = 0.33


def until_time_is_up(rows: int) -> Iterator[np.ndarray]:
    start = time.monotonic()
    for batch in order.epochs(rows, 16, params().seed):
        if time.monotonic() - start > BUDGET_SECONDS:
            return
        yield batch


def main() -> None:
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, labels, epoch=until_time_is_up(len(labels)), rate=0.01))


main()
