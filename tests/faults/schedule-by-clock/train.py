"""Trains with a learning rate that falls as time goes by."""

import time

import linear
import numpy as np

from builder.runtime import training
from builder.runtime.params import params


def main() -> None:
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    log = training.begin(weights, optimiser="SGD")
    start = time.perf_counter()
    for rows in linear.batches(len(labels)):
        rate = 0.1 * 0.5 ** (time.perf_counter() - start)
        loss, found = linear.gradients(weights, values[rows], labels[rows])
        for name, gradient in found.items():
            weights[name] = weights[name] - np.float32(rate) * gradient
        log.step(batch=(values[rows], labels[rows]), loss=loss, learning_rate=rate, gradients=found)
    linear.save(weights)


main()
