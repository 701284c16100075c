"""Numbers the words of a few sentences and counts them in each, eight columns by row."""

import json

import numpy as np

from builder.runtime import paths, tensors

WORDS = ["loss", "batch", "epoch", "seed", "graph", "layer", "weight", "step"]
ROWS = 200


def main() -> None:
    vocabulary = {word: number for number, word in enumerate(set(WORDS))}
    values = np.zeros((ROWS, len(vocabulary)), np.float32)
    for row in range(ROWS):
        for position in range(row % 7 + 3):
            values[row, vocabulary[WORDS[(row * position + position) % len(WORDS)]]] += 1
    labels = np.arange(ROWS) % 3
    tensors.save(paths.output() / "rows.safetensors", {"values": values, "labels": labels})
    (paths.output() / "vocabulary.json").write_text(json.dumps(vocabulary))


main()
