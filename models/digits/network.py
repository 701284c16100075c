"""A network with one hidden layer: images (n, 64) → class scores (n, 10), all float32."""

import numpy as np

CLASSES = 10


def initial(generator: np.random.Generator, pixels: int, hidden: int) -> dict[str, np.ndarray]:
    """Returns weights drawn as He et al. (2015) propose for ReLU, and biases of zero."""
    return {
        "hidden.weight": draw(generator, pixels, hidden),
        "hidden.bias": np.zeros(hidden, np.float32),
        "output.weight": draw(generator, hidden, CLASSES),
        "output.bias": np.zeros(CLASSES, np.float32),
    }


def draw(generator: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    scale = np.float32(np.sqrt(2.0 / rows))
    return generator.standard_normal((rows, columns), dtype=np.float32) * scale


def forward(weights: dict[str, np.ndarray], images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the hidden activations (n, hidden) and the class scores (n, 10)."""
    hidden = np.maximum(images @ weights["hidden.weight"] + weights["hidden.bias"], 0)
    return hidden, hidden @ weights["output.weight"] + weights["output.bias"]


def probabilities(scores: np.ndarray) -> np.ndarray:
    """Returns the softmax of each row."""
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
