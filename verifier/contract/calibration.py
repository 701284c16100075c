"""How fast this machine is, so that a slower one does not look like a slower model."""

import hashlib
import time

import numpy as np

ROUNDS = 6
ADDITIONS = 700_000
HASHED_BYTES, TIMES_HASHED = 1 << 20, 32
# OpenBLAS uses one thread for products of at most 64³ multiplications.
SIDE, PRODUCTS = 48, 6000


def calibration_seconds() -> float:
    """Returns how long one thread takes for a fixed piece of work, in seconds; the best of several rounds.

    About equal shares of Python's own loop, SHA-256 and small products of float32 matrices, some 0.3 s in all. It
    measures one core, its caches and its instruction sets. It does not measure how many cores there are, memory
    bandwidth, disks or a GPU, nor what else runs: of a round that is disturbed, another is taken.
    """
    content = bytes(HASHED_BYTES)
    matrix = np.full((SIDE, SIDE), 1 / SIDE, np.float32)
    return min(_round(content, matrix) for _ in range(ROUNDS))


def _round(content: bytes, matrix: "np.ndarray[tuple[int, int], np.dtype[np.float32]]") -> float:
    begun = time.perf_counter()
    total = 0
    for number in range(ADDITIONS):
        total += number & 7
    for _ in range(TIMES_HASHED):
        hashlib.sha256(content).digest()
    product = matrix
    for _ in range(PRODUCTS):
        product = product @ matrix
    return time.perf_counter() - begun
