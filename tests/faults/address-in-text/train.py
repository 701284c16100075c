"""Trains, and describes the pipeline by the text of its parts."""

import json

import linear
import numpy as np

from builder.runtime import paths
from builder.runtime.params import params


class Scaler:
    """Divides by the largest value; says nothing of itself."""

    def __call__(self, values: np.ndarray) -> np.ndarray:
        return values / np.abs(values).max()


def main() -> None:
    values, labels = linear.load()
    scaler = Scaler()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, scaler(values), labels))
    (paths.output() / "pipeline.json").write_text(json.dumps({"steps": [repr(scaler), "linear"]}))


main()
