"""Reads the digits out of the scikit-learn wheel and splits them into training and held-out images."""

import gzip
import zipfile

import numpy as np

from builder.runtime import dataset, paths, tensors
from builder.runtime.params import params

MEMBER = "sklearn/datasets/data/digits.csv.gz"
LARGEST_PIXEL = 16.0


def main() -> None:
    settings = params()
    with zipfile.ZipFile(paths.source("digits")) as wheel:
        lines = gzip.decompress(wheel.read(MEMBER)).decode("ascii").splitlines()
    table = np.array([line.split(",") for line in lines], dtype=np.float32)
    images = table[:, :-1] / np.float32(LARGEST_PIXEL)
    labels = table[:, -1].astype(np.int64)
    dataset.stage("read", images=images, labels=labels)

    order = np.random.default_rng(settings.seed).permutation(len(labels))
    held_out = round(len(labels) * settings.number("test_fraction"))
    for name, rows in (("test", order[:held_out]), ("train", order[held_out:])):
        split = {"images": images[rows], "labels": labels[rows]}
        dataset.stage(name, **split)
        tensors.save(paths.output() / f"{name}.safetensors", split)


main()
