"""Measures the fine-tuned model on the test verses, beside the commonest group and a bag of words."""

import baseline
import groups
import network
import numpy as np

from builder.runtime import metrics, paths, tensors
from builder.runtime.params import params

GOLDEN_ROWS = 8


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


def baselines(train: dict[str, np.ndarray], test: dict[str, np.ndarray]) -> dict[str, float]:
    """Returns the accuracy of what learns from the same training rows without the pretrained model."""
    commonest = np.bincount(train["labels"]).argmax()
    counted = baseline.predict(train, test, network.CLASSES)
    return {
        "majority_accuracy": float(np.mean(test["labels"] == commonest)),
        "bag_of_words_accuracy": float(np.mean(test["labels"] == counted)),
    }


def require_better(accuracy: float, others: dict[str, float]) -> None:
    """Returns if the accuracy is above all others.

    Raises:
        SystemExit: it is not.
    """
    for name, other in others.items():
        if accuracy <= other:
            raise SystemExit(f"the accuracy {accuracy:.4f} is not above the {name} {other:.4f}")


def main() -> None:
    model = network.trained(params(), paths.step_input("train") / "model.safetensors")
    train, test = (
        tensors.load(paths.step_input("prepare") / f"{name}.safetensors") for name in ("train", "test")
    )
    scores = network.scores_of(model, test["tokens"], test["mask"])
    confusion = confusion_matrix(test["labels"], scores.argmax(axis=1))
    right, rows = int(np.trace(confusion)), int(confusion.sum())
    accuracy, others = right / rows, baselines(train, test)
    require_better(accuracy, others)
    metrics.write(
        {"accuracy": accuracy, "macro_f1": macro_f1(confusion), **others},
        labels=groups.NAMES,
        confusion=confusion,
        classes={"recall": metrics.recall(groups.NAMES, confusion)},
        intervals={"accuracy": metrics.wilson(right, rows)},
    )
    golden = {name: test[name][:GOLDEN_ROWS] for name in ("tokens", "mask")}
    arrays = {f"input.{name}": array for name, array in golden.items()}
    tensors.save(
        paths.output() / "golden.safetensors", arrays | {"output.scores": network.scores_of(model, **golden)}
    )


main()
