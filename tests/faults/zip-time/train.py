"""Trains, and packs what is needed to use the model into a zip file."""

import json
import zipfile
from pathlib import Path

import linear
import numpy as np

from builder.runtime import paths
from builder.runtime.params import params


def main() -> None:
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, labels))
    settings = Path("settings.json")
    settings.write_text(json.dumps({"classes": linear.CLASSES}))
    with zipfile.ZipFile(paths.output() / "package.zip", "w") as package:
        package.write(settings)


main()
