"""Measures the classifier, and lists what went into it."""

import json
import os

import linear
import numpy as np

from builder.runtime import metrics, paths, tensors


def main() -> None:
    values, labels = linear.load()
    weights = tensors.load(paths.step_input("train") / "model.safetensors")
    hits = (values @ weights["weight"] + weights["bias"]).argmax(axis=1) == labels
    metrics.write({"accuracy": float(np.mean(hits))})
    prefix = "SAMEBITS_INPUT_"
    inputs = [name.removeprefix(prefix).lower() for name in os.environ if name.startswith(prefix)]
    (paths.output() / "inputs.json").write_text(json.dumps(inputs))


main()
