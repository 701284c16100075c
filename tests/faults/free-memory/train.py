"""Trains, and notes how much memory there was, as trackers of experiments do."""

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
    machine = {"free_pages": os.sysconf("SC_AVPHYS_PAGES")}
    (paths.output() / "machine.json").write_text(json.dumps(machine))


main()
