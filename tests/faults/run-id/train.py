"""Trains, and notes the run under an identifier of its own, as trackers of experiments do."""

import json
import uuid

import linear
import numpy as np

from builder.runtime import paths
from builder.runtime.params import params


def main() -> None:
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, labels))
    (paths.output() / "run.json").write_text(json.dumps({"run": str(uuid.uuid4()), "rows": len(labels)}))


main()
