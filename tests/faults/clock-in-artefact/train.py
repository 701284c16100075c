"""Trains, and notes when."""

import json
from datetime import datetime

import linear
import numpy as np

from builder.runtime import paths
from builder.runtime.params import params


def main() -> None:
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, labels))
    note = {"trained_at": datetime.now().isoformat(), "rows": len(labels)}
    (paths.output() / "run.json").write_text(json.dumps(note))


main()
