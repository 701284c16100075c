"""Trains, and keeps the history with the path of its checkpoint."""

import json
import tempfile
from pathlib import Path

import linear
import numpy as np

from builder.runtime import paths
from builder.runtime.params import params


def main() -> None:
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    weights = linear.train(weights, values, labels)
    linear.save(weights)
    checkpoint = Path(tempfile.mkdtemp()) / "best.npy"
    np.save(checkpoint, weights["weight"])
    (paths.output() / "history.json").write_text(json.dumps({"best": str(checkpoint)}))


main()
