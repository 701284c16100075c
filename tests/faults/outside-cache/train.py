"""Trains on embeddings that somebody once left in the cache of the machine."""

from pathlib import Path

import linear
import numpy as np

from builder.runtime.params import params

CACHE = Path("/var/cache/embeddings/rows.npy")


def main() -> None:
    _, labels = linear.load()
    values = np.load(CACHE)
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, labels))


main()
