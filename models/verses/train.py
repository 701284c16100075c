"""Fine-tunes the upper layers of the pretrained encoder, and a new classifier on it."""

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


def pretrained(device: torch.device) -> network.Classifier:
    """Returns the encoder with its published weights below a classifier that starts at zero."""
    arrays = tensors.load(paths.step_input("prepare") / "base.safetensors")
    model = network.Classifier()
    model.base.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    nn.init.zeros_(model.head.weight)
    nn.init.zeros_(model.head.bias)
    return model.to(device)


@torch.no_grad()
def frozen_states(model: network.Classifier, tokens: torch.Tensor, mask: torch.Tensor, settings: Params) -> torch.Tensor:
    """Returns what the frozen layers make of each row: computed once, since it stays the same."""
    layers, size = settings.integer("frozen_layers"), settings.integer("batch_size")
    parts = zip(tokens.split(size), mask.split(size), strict=True)
    return torch.cat([model.base.lower(*part, layers) for part in parts])


def optimizer_for(model: network.Classifier, settings: Params) -> torch.optim.Optimizer:
    """Returns an optimiser of the layers that are not frozen and, at a higher rate, of the classifier."""
    layers = model.base.encoder["layer"][settings.integer("frozen_layers") :]
    parts = [
        {"params": list(layers.parameters()), "lr": settings.number("learning_rate")},
        {"params": list(model.head.parameters()), "lr": settings.number("head_learning_rate")},
    ]
    return torch.optim.AdamW(parts, weight_decay=settings.number("weight_decay"), fused=True)


def fit(model, data, settings: Params) -> None:
    layers, size = settings.integer("frozen_layers"), settings.integer("batch_size")
    states = frozen_states(model, data["tokens"], data["mask"], settings)
    steps = settings.integer("epochs") * (len(states) // size)
    warm_up = max(1, round(steps * settings.number("warm_up_fraction")))
    optimizer = optimizer_for(model, settings)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / warm_up, (steps - step) / (steps - warm_up)))
    batches = itertools.islice(order.epochs(len(states), size, settings.seed), steps)
    for step, batch in enumerate(batches, start=1):
        rows = torch.from_numpy(batch).to(states.device)
        scores = model.head(model.base.upper(states[rows], data["mask"][rows], layers))
        loss = F.cross_entropy(scores, data["labels"][rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % STEPS_BETWEEN_PROGRESS == 0:
            progress(step, steps)
            if step % 30 == 0: print(step, loss.item())


def main() -> None:
    settings = params()
    torch.manual_seed(settings.seed)
    device = torch.device(settings.device)
    prepared = paths.step_input("prepare")
    data = {k: torch.from_numpy(v).to(device) for k, v in tensors.load(prepared / "train.safetensors").items()}
    model = pretrained(device)
    fit(model, data, settings)
    weights = {name: tensor.detach().cpu().numpy() for name, tensor in model.state_dict().items()}
    tensors.save(paths.output() / "model.safetensors", weights)
    shutil.copyfile(prepared / "vocab.txt", paths.output() / "vocab.txt")


main()
