"""Measures the trained network on the held-out images, and keeps a few answers as golden outputs."""

import network
import numpy as np

from builder.runtime import metrics, paths, tensors

GOLDEN_IMAGES = 16


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Returns counts of shape (classes, classes): rows are true classes, columns predicted ones."""
    counts = np.zeros((network.CLASSES, network.CLASSES), np.int64)
    np.add.at(counts, (labels, predicted), 1)
    return counts


def macro_f1(confusion: np.ndarray) -> float:
    """Returns the mean over classes of 2·TP / (2·TP + FP + FN); a class never seen nor predicted counts 0."""
    hits = np.diag(confusion)
    claims = confusion.sum(axis=0) + confusion.sum(axis=1)
    return float(np.mean(2 * hits / np.maximum(claims, 1)))


def main() -> None:
    weights = tensors.load(paths.step_input("train") / "model.safetensors")
    data = tensors.load(paths.step_input("prepare") / "test.safetensors")
    scores = network.forward(weights, data["images"])[1]
    labels = [str(label) for label in range(network.CLASSES)]
    confusion = confusion_matrix(data["labels"], scores.argmax(axis=1))
    right, rows = int(np.trace(confusion)), int(confusion.sum())
    metrics.write(
        {"accuracy": right / rows, "macro_f1": macro_f1(confusion)},
        labels=labels,
        confusion=confusion,
        classes={"recall": metrics.recall(labels, confusion)},
        intervals={"accuracy": metrics.wilson(right, rows)},
    )
    golden = data["images"][:GOLDEN_IMAGES]
    outputs = network.forward(weights, golden)[1]
    tensors.save(paths.output() / "golden.safetensors", {"input.images": golden, "output.scores": outputs})


main()
