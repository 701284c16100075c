"""Trains with four threads, whatever was declared."""

import linear
import numpy as np
from threadpoolctl import threadpool_limits

from builder.runtime.params import params


def main() -> None:
    threadpool_limits(limits=4)
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, labels))


main()
