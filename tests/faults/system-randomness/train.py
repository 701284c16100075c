"""Trains on rows in an order that the operating system draws."""

import random

import linear
import numpy as np

from builder.runtime.params import params


def main() -> None:
    values, labels = linear.load()
    rows = list(range(len(labels)))
    random.SystemRandom().shuffle(rows)
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, labels, epoch=np.array(rows).reshape(-1, 20)))


main()
