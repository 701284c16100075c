"""Draws 200 rows, and pickles them with the place of their cache."""

import pickle
from pathlib import Path

import numpy as np

from builder.runtime import paths, tensors
from builder.runtime.params import params


def main() -> None:
    generator = np.random.default_rng(params().seed)
    labels = generator.integers(0, 3, 200)
    values = (labels[:, None] + generator.standard_normal((200, 8))).astype(np.float32)
    tensors.save(paths.output() / "rows.safetensors", {"values": values, "labels": labels})
    state = {"cache": str(Path.cwd() / "cache"), "values": values}
    (paths.output() / "rows.pkl").write_bytes(pickle.dumps(state))


main()
