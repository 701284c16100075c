"""Trains from a seed that is new each day."""

from datetime import date

import linear
import numpy as np


def main() -> None:
    values, labels = linear.load()
    seed = int(date.today().strftime("%Y%m%d"))
    weights = linear.initial(np.random.default_rng(seed), values.shape[1])
    linear.save(linear.train(weights, values, labels))


main()
