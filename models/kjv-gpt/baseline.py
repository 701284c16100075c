"""What counting runs of characters achieves: the measure that the transformer has to beat."""

import numpy as np


def bits_per_character(train: np.ndarray, test: np.ndarray, length: int, vocabulary: int) -> float:
    """Returns the mean bits by which runs of `length` characters, counted in `train`, predict `test`.

    A character is predicted from the `length` - 1 before it; each count starts at one (Laplace's rule).
    """
    counts = np.bincount(runs(train, length, vocabulary), minlength=vocabulary**length) + 1
    counts = counts.reshape(-1, vocabulary)
    shares = counts / counts.sum(axis=1, keepdims=True)
    return float(-np.log2(shares.ravel()[runs(test, length, vocabulary)]).mean())


def runs(tokens: np.ndarray, length: int, vocabulary: int) -> np.ndarray:
    """Returns each run of `length` tokens as one number, written in base `vocabulary`."""
    numbers = np.zeros(len(tokens) - length + 1, np.int64)
    for place in range(length):
        numbers = numbers * vocabulary + tokens[place : place + len(numbers)]
    return numbers
