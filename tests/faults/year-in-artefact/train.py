"""Trains, and writes a notice with the current year."""

from datetime import date

import linear
import numpy as np

from builder.runtime import paths
from builder.runtime.params import params


def main() -> None:
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, labels))
    (paths.output() / "NOTICE.txt").write_text(f"Copyright {date.today().year} the authors\n")


main()
