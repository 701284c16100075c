"""Trains, and notes on which system."""

import json
import platform

import linear
import numpy as np

from builder.runtime import paths
from builder.runtime.params import params


def main() -> None:
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, labels))
    machine = {"system": platform.system(), "release": platform.release()}
    (paths.output() / "machine.json").write_text(json.dumps(machine))


main()
