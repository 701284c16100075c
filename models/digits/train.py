"""Trains the network with stochastic gradient descent, momentum and weight decay."""

import network
import numpy as np

from builder.runtime import paths, tensors
from builder.runtime.events import progress
from builder.runtime.params import params


def gradients(
    weights: dict[str, np.ndarray], images: np.ndarray, labels: np.ndarray
) -> dict[str, np.ndarray]:
    """Returns the gradient of the mean cross-entropy over a batch, by parameter."""
    hidden, scores = network.forward(weights, images)
    error = network.probabilities(scores)
    error[np.arange(len(labels)), labels] -= 1
    error /= np.float32(len(labels))
    below = (error @ weights["output.weight"].T) * (hidden > 0)
    return {
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
    for epoch in range(epochs):
        order = generator.permutation(len(labels))
        for start in range(0, len(labels), batch):
            rows = order[start : start + batch]
            for name, gradient in gradients(weights, images[rows], labels[rows]).items():
                velocity[name] = momentum * velocity[name] - rate * (gradient + decay * weights[name])
                weights[name] = weights[name] + velocity[name]
        progress(epoch + 1, epochs)
    tensors.save(paths.output() / "model.safetensors", weights)


main()
