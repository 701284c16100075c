"""Trains, and notes the process that did, as loggers do."""

import json
import os

import linear
import numpy as np

from builder.runtime import paths
from builder.runtime.params import params


def main() -> None:
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, labels))
    (paths.output() / "run.json").write_text(json.dumps({"pid": os.getpid(), "rows": len(labels)}))


main()
