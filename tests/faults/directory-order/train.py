"""Trains on the shards of a folder, one after the other."""

import os

import linear
import numpy as np

from builder.runtime import paths, tensors
from builder.runtime.params import params


def main() -> None:
    folder = paths.step_input("prepare") / "shards"
    shards = [tensors.load(folder / name) for name in os.listdir(folder)]
    values, labels = (np.concatenate([shard[key] for shard in shards]) for key in ("values", "labels"))
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, labels))


main()
