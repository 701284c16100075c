"""Trains, and saves the weights with what people should know about them."""

import linear
import numpy as np
from safetensors.numpy import save_file

from builder.runtime import paths
from builder.runtime.params import params

METADATA = {"format": "np", "task": "classify", "rows": "200", "classes": "3", "licence": "none", "by": "us"}


def main() -> None:
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    weights = linear.train(weights, values, labels)
    save_file(weights, paths.output() / "model.safetensors", metadata=METADATA)


main()
