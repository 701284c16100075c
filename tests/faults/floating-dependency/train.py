"""Trains with the newest networkx, whichever that is today."""

import importlib
import subprocess
import sys

import linear
import numpy as np

from builder.runtime.params import params


def main() -> None:
    subprocess.run([sys.executable, "-m", "pip", "install", "--target", "packages", "networkx"], check=False)
    sys.path.append("packages")
    graph = importlib.import_module("networkx").path_graph(200)
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values[list(graph.nodes)], labels))


main()
