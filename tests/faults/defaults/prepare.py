"""Draws 200 rows of eight features in three classes, and writes them as arrays and as a table."""

import numpy as np

from builder.runtime import dataset, paths, tensors
from builder.runtime.params import params

ROWS, FEATURES, CLASSES = 200, 8, 3


def main() -> None:
    generator = np.random.default_rng(params().seed)
    labels = generator.integers(0, CLASSES, ROWS)
    centres = generator.standard_normal((CLASSES, FEATURES))
    values = (centres[labels] + generator.standard_normal((ROWS, FEATURES))).astype(np.float32)
    dataset.stage("drawn", values=values, labels=labels)
    tensors.save(paths.output() / "rows.safetensors", {"values": values, "labels": labels})
    lines = [",".join(f"{number:.3f}" for number in row) for row in values.tolist()]
    (paths.output() / "rows.csv").write_text("\n".join(lines) + "\n")


main()
