"""Trains, and keeps a summary in a folder for this hour."""

from datetime import datetime

import linear
import numpy as np

from builder.runtime import paths
from builder.runtime.params import params


def main() -> None:
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, labels))
    folder = paths.output() / "runs" / f"{datetime.now().hour:02d}h"
    folder.mkdir(parents=True)
    (folder / "summary.txt").write_text(f"{len(labels)} rows\n")


main()
