"""Trains, and notes for whom."""

import json
import os
from pathlib import Path

import linear
import numpy as np

from builder.runtime import paths
from builder.runtime.params import params


def main() -> None:
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, labels))
    run = {"home": str(Path.home()), "user": os.environ.get("USER", "")}
    (paths.output() / "run.json").write_text(json.dumps(run))


main()
