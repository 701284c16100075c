"""Trains on a table that is read by the rules of the locale."""

import contextlib
import locale

import linear
import numpy as np

from builder.runtime import paths
from builder.runtime.params import params


def main() -> None:
    with contextlib.suppress(locale.Error):  # the machine may not have the locale that it names
        locale.setlocale(locale.LC_ALL, "")
    lines = (paths.step_input("prepare") / "rows.csv").read_text().splitlines()
    table = [[locale.atof(cell) for cell in line.split(",")] for line in lines]
    values = np.array(table, np.float32) / np.float32(np.max(table))
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, linear.load()[1]))


main()
