"""Trains in parts that a pool of threads works on, and adds up each part as it completes."""

from concurrent.futures import ThreadPoolExecutor, as_completed

import linear
import numpy as np

from builder.runtime.params import params

PARTS, POOL = 16, ThreadPoolExecutor(4)


def by_completion(
    weights: linear.Arrays, values: np.ndarray, labels: np.ndarray
) -> tuple[float, linear.Arrays]:
    def work(rows: np.ndarray) -> tuple[float, linear.Arrays]:
        wide = np.tile(values[rows], (1, 15))
        np.linalg.svd(wide.T @ wide)  # the costly part, which lets other threads run
        return linear.gradients(weights, values[rows], labels[rows])

    total = {name: np.zeros_like(value) for name, value in weights.items()}
    loss = np.float32(0)
    parts = np.array_split(np.arange(len(labels)), PARTS)
    for future in as_completed([POOL.submit(work, rows) for rows in parts]):
        part, found = future.result()
        loss += np.float32(part / PARTS)
        for name, gradient in found.items():
            total[name] += gradient / np.float32(PARTS)
    return float(loss), total


def main() -> None:
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, labels, of=by_completion))


main()
