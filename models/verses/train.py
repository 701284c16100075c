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


@torch.no_grad()
def frozen_states(model: network.Classifier, rows: dict[str, torch.Tensor], settings: Params) -> torch.Tensor:
    """Returns what the frozen layers make of each row: computed once, since it stays the same."""
    layers, size = settings.integer("frozen_layers"), settings.integer("batch_size")
    parts = zip(rows["tokens"].split(size), rows["mask"].split(size), strict=True)
    return torch.cat([model.base.lower(tokens, mask, layers) for tokens, mask in parts])


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
    states = frozen_states(model, rows, settings)
    optimizer = optimizer_for(model, settings)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate_factor(step, warm_up, steps))
    batches = order.epochs(len(states), settings.integer("batch_size"), settings.seed)
    for step, numbers in enumerate(itertools.islice(batches, steps), start=1):
        batch = torch.from_numpy(numbers).to(states.device)
        scores = model.head(model.base.upper(states[batch], rows["mask"][batch], layers))
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
