"""Draws 200 rows and keeps a compressed table of them."""

import gzip

import numpy as np

from builder.runtime import paths, tensors
from builder.runtime.params import params


def main() -> None:
    generator = np.random.default_rng(params().seed)
    labels = generator.integers(0, 3, 200)
    values = (labels[:, None] + generator.standard_normal((200, 8))).astype(np.float32)
    tensors.save(paths.output() / "rows.safetensors", {"values": values, "labels": labels})
    with gzip.open(paths.output() / "rows.csv.gz", "wt") as table:
        np.savetxt(table, values, fmt="%.3f", delimiter=",")


main()
