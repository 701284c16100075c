"""The linear classifier in torch: its loss, a training loop for any loader, and how it is saved."""

from collections.abc import Iterable

import linear
import numpy as np
import torch

from builder.runtime import paths, tensors


def make(features: int) -> torch.nn.Linear:
    """Returns a layer of three classes, drawn from torch's global generator."""
    return torch.nn.Linear(features, linear.CLASSES)


def dataset() -> torch.utils.data.TensorDataset:
    """Returns the rows that `prepare` wrote."""
    values, labels = linear.load()
    return torch.utils.data.TensorDataset(torch.from_numpy(values), torch.from_numpy(labels))


def train(layer: torch.nn.Module, loader: Iterable, optimiser: torch.optim.Optimizer) -> None:
    """Takes one step for each batch of `loader`."""
    for values, labels in loader:
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(layer(values), labels).backward()
        optimiser.step()


def save(layer: torch.nn.Linear) -> None:
    """Writes the weights in the layout that `evaluate` reads: (features, classes)."""
    weight = np.ascontiguousarray(layer.weight.detach().numpy().T)
    bias = layer.bias.detach().numpy()
    tensors.save(paths.output() / "model.safetensors", {"weight": weight, "bias": bias})
