"""Draws 200 rows and writes them in ten shards, and once as a whole for the evaluation."""

import numpy as np

from builder.runtime import paths, tensors
from builder.runtime.params import params


def main() -> None:
    generator = np.random.default_rng(params().seed)
    labels = generator.integers(0, 3, 200)
    values = (labels[:, None] + generator.standard_normal((200, 8))).astype(np.float32)
    (paths.output() / "shards").mkdir()
    for shard in range(10):
        rows = slice(shard * 20, shard * 20 + 20)
        part = {"values": values[rows], "labels": labels[rows]}
        tensors.save(paths.output() / "shards" / f"{shard}.safetensors", part)
    tensors.save(paths.output() / "rows.safetensors", {"values": values, "labels": labels})


main()
