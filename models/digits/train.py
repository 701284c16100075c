"""Trains the network with stochastic gradient descent, momentum and weight decay."""

import network
import numpy as np

from builder.runtime import order, paths, tensors, training
from builder.runtime.events import progress
from builder.runtime.params import params


def gradients(
    weights: dict[str, np.ndarray], images: np.ndarray, labels: np.ndarray
) -> tuple[float, dict[str, np.ndarray]]:
    """Returns the mean cross-entropy over a batch, and its gradient by parameter."""
    hidden, scores = network.forward(weights, images)
    error = network.probabilities(scores)
    rows = np.arange(len(labels))
    loss = float(-np.log(error[rows, labels].astype(np.float64)).mean())
    error[rows, labels] -= 1
    error /= np.float32(len(labels))
    below = (error @ weights["output.weight"].T) * (hidden > 0)
    return loss, {
        "hidden.weight": images.T @ below,
        "hidden.bias": below.sum(axis=0),
        "output.weight": hidden.T @ error,
        "output.bias": error.sum(axis=0),
    }


def main() -> None:
    settings = params()
    data = tensors.load(paths.step_input("prepare") / "train.safetensors")
    images, labels = data["images"], data["labels"]
    generator = np.random.default_rng(settings.seed)
    weights = network.initial(generator, images.shape[1], settings.integer("hidden_units"))
    velocity = {name: np.zeros_like(value) for name, value in weights.items()}
    rate, momentum, decay = (
        np.float32(settings.number(name)) for name in ("learning_rate", "momentum", "weight_decay")
    )
    batch, epochs = settings.integer("batch_size"), settings.integer("epochs")
    log = training.begin(weights, optimiser="SGD", momentum=float(momentum), weight_decay=float(decay))
    for epoch in range(epochs):
        for rows in order.epoch_batches(len(labels), batch, settings.seed, epoch):
            loss, found = gradients(weights, images[rows], labels[rows])
            for name, gradient in found.items():
                velocity[name] = momentum * velocity[name] - rate * (gradient + decay * weights[name])
                weights[name] = weights[name] + velocity[name]
            log.step(
                batch=(images[rows], labels[rows]), loss=loss, learning_rate=float(rate), gradients=found
            )
        progress(epoch + 1, epochs)
    tensors.save(paths.output() / "model.safetensors", weights)


main()
