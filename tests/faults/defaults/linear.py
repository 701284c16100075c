"""A linear classifier in numpy: its data, its gradient, and a training loop that leaves a trace."""

from collections.abc import Callable, Iterable

import numpy as np

from builder.runtime import order, paths, tensors, training
from builder.runtime.params import params

CLASSES = 3
Arrays = dict[str, np.ndarray]
Gradients = Callable[[Arrays, np.ndarray, np.ndarray], tuple[float, Arrays]]


def load() -> tuple[np.ndarray, np.ndarray]:
    """Returns values (rows, features) in float32 and labels (rows,) as `prepare` wrote them."""
    rows = tensors.load(paths.step_input("prepare") / "rows.safetensors")
    return rows["values"], rows["labels"]


def initial(generator: np.random.Generator, features: int) -> Arrays:
    """Returns small weights."""
    weight = generator.standard_normal((features, CLASSES), dtype=np.float32) * np.float32(0.1)
    return {"weight": weight, "bias": np.zeros(CLASSES, np.float32)}


def batches(rows: int) -> Iterable[np.ndarray]:
    """Returns the row numbers of one epoch, 16 at a time, in the order of the seed."""
    return order.epoch_batches(rows, 16, params().seed, epoch=0)


def gradients(weights: Arrays, values: np.ndarray, labels: np.ndarray) -> tuple[float, Arrays]:
    """Returns the mean cross-entropy of a batch and its gradient."""
    scores = values @ weights["weight"] + weights["bias"]
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    error = exponentials / exponentials.sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    loss = float(-np.log(error[rows, labels].astype(np.float64)).mean())
    error[rows, labels] -= 1
    error /= np.float32(len(labels))
    return loss, {"weight": values.T @ error, "bias": error.sum(axis=0)}


def train(
    weights: Arrays,
    values: np.ndarray,
    labels: np.ndarray,
    *,
    epoch: Iterable[np.ndarray] | None = None,
    of: Gradients = gradients,
    rate: float = 0.1,
) -> Arrays:
    """Takes one step of gradient descent for each batch of `epoch`, noted in the trace; returns the weights."""
    log = training.begin(weights, optimiser="SGD")
    for rows in batches(len(labels)) if epoch is None else epoch:
        loss, found = of(weights, values[rows], labels[rows])
        for name, gradient in found.items():
            weights[name] = weights[name] - np.float32(rate) * gradient
        log.step(batch=(values[rows], labels[rows]), loss=loss, learning_rate=rate, gradients=found)
    return weights


def save(weights: Arrays) -> None:
    """Writes the weights."""
    tensors.save(paths.output() / "model.safetensors", weights)
