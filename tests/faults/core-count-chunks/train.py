"""Trains in parts, one for each core, and adds up what they found."""

import os

import linear
import numpy as np

from builder.runtime.params import params


def in_parts(weights: linear.Arrays, values: np.ndarray, labels: np.ndarray) -> tuple[float, linear.Arrays]:
    parts = min(os.cpu_count() or 1, len(labels))
    loss, total = 0.0, {name: np.zeros_like(value) for name, value in weights.items()}
    for rows in np.array_split(np.arange(len(labels)), parts):
        part, found = linear.gradients(weights, values[rows], labels[rows])
        loss += part * len(rows) / len(labels)
        for name, gradient in found.items():
            total[name] += gradient * np.float32(len(rows) / len(labels))
    return loss, total


def main() -> None:
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, labels, of=in_parts))


main()
