"""Fine-tunes the upper layers of the pretrained encoder, and a new classifier on top of them."""

import itertools
import shutil

import network
import torch
from torch import nn
from torch.nn import functional as F

from builder.runtime import order, paths, tensors
from builder.runtime.events import progress
from builder.runtime.params import Params, params

STEPS_BETWEEN_PROGRESS = 10


def training_rows(device: torch.device) -> dict[str, torch.Tensor]:
    arrays = tensors.load(paths.step_input("prepare") / "train.safetensors")
    return {name: torch.from_numpy(array).to(device) for name, array in arrays.items()}


def pretrained(device: torch.device) -> network.Classifier:
    """Returns the encoder with its published weights below a classifier that starts at zero."""
    arrays = tensors.load(paths.step_input("prepare") / "base.safetensors")
    model = network.Classifier()
    model.base.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    nn.init.zeros_(model.head.weight)
    nn.init.zeros_(model.head.bias)
    return model.to(device)


class FrozenStates:
    """What the frozen layers make of each row: computed with its first batch, since it stays the same."""

    def __init__(self, model: network.Classifier, rows: dict[str, torch.Tensor], layers: int) -> None:
        self._model, self._rows, self._layers = model, rows, layers
        self._known: dict[int, torch.Tensor] = {}

    @torch.no_grad()
    def of(self, batch: torch.Tensor) -> torch.Tensor:
        """Returns the states (n, length, 384) of the rows whose numbers are in `batch`."""
        numbers = batch.tolist()
        if any(number not in self._known for number in numbers):
            states = self._model.base.lower(
                self._rows["tokens"][batch], self._rows["mask"][batch], self._layers
            )
            for number, state in zip(numbers, states, strict=True):
                self._known.setdefault(number, state)
        return torch.stack([self._known[number] for number in numbers])


def optimizer_for(model: network.Classifier, settings: Params) -> torch.optim.Optimizer:
    """Returns an optimiser of the layers that are not frozen and, at a rate of its own, of the classifier."""
    layers = model.base.encoder["layer"][settings.integer("frozen_layers") :]
    parts = [
        {"params": list(layers.parameters()), "lr": settings.number("learning_rate")},
        {"params": list(model.head.parameters()), "lr": settings.number("head_learning_rate")},
    ]
    return torch.optim.AdamW(parts, weight_decay=settings.number("weight_decay"), fused=True)


def rate_factor(step: int, warm_up: int, steps: int) -> float:
    """Returns the share of the learning rates at `step`: up in a line, then down in a line."""
    return min((step + 1) / warm_up, (steps - step) / (steps - warm_up))


def fit(model: network.Classifier, rows: dict[str, torch.Tensor], settings: Params) -> None:
    """Trains `model` in place."""
    layers, steps = settings.integer("frozen_layers"), settings.integer("steps")
    warm_up = settings.integer("warm_up_steps")
    frozen = FrozenStates(model, rows, layers)
    optimizer = optimizer_for(model, settings)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate_factor(step, warm_up, steps))
    batches = order.epochs(len(rows["labels"]), settings.integer("batch_size"), settings.seed)
    for step, numbers in enumerate(itertools.islice(batches, steps), start=1):
        batch = torch.from_numpy(numbers).to(rows["labels"].device)
        scores = model.head(model.base.upper(frozen.of(batch), rows["mask"][batch], layers))
        loss = F.cross_entropy(scores, rows["labels"][batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % STEPS_BETWEEN_PROGRESS == 0:
            progress(step, steps)


def main() -> None:
    settings = params()
    torch.manual_seed(settings.seed)
    device = torch.device(settings.device)
    model = pretrained(device)
    fit(model, training_rows(device), settings)
    weights = {name: tensor.detach().cpu().numpy() for name, tensor in model.state_dict().items()}
    tensors.save(paths.output() / "model.safetensors", weights)
    shutil.copyfile(paths.step_input("prepare") / "vocab.txt", paths.output() / "vocab.txt")


main()
