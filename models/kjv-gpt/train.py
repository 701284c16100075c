"""Trains the transformer to predict each next character."""

import itertools
import json
import math
import shutil

import network
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from builder.runtime import chunks, order, paths, tensors
from builder.runtime.events import progress
from builder.runtime.params import Params, params

BETAS = (0.9, 0.99)
STEPS_BETWEEN_PROGRESS = 10


def windows(tokens: np.ndarray, context: int) -> np.ndarray:
    """Cuts the stream into rows of `context` + 1 tokens; the last token of a row is the first of the next."""
    rows = (len(tokens) - 1) // context
    starts = np.arange(rows) * context
    return tokens[starts[:, None] + np.arange(context + 1)]


def rate_factor(step: int, warm_up: int, steps: int) -> float:
    """Returns the share of the learning rate at `step`: it rises in a line, then falls as half a cosine."""
    if step < warm_up:
        return (step + 1) / warm_up
    return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up)))


def fit(model: nn.Module, rows: torch.Tensor, settings: Params) -> None:
    """Trains `model` in place on batches of `rows`, each row one token longer than the context."""
    total, warm_up = settings.integer("steps"), settings.integer("warm_up_steps")
    rate, decay = settings.number("learning_rate"), settings.number("weight_decay")
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=BETAS, weight_decay=decay, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate_factor(step, warm_up, total))
    batches = order.epochs(len(rows), settings.integer("batch_size"), settings.seed)
    steps = chunks.load(total, model=model, optimizer=optimizer, schedule=schedule)
    for step, batch in zip(steps, itertools.islice(batches, steps.start - 1, None), strict=False):
        tokens = rows[torch.from_numpy(batch)].to(next(model.parameters()).device, torch.int64)
        logits = model(tokens[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), settings.number("largest_gradient_norm"))
        optimizer.step()
        schedule.step()
        if step % STEPS_BETWEEN_PROGRESS == 0:
            progress(step, total)
        chunks.save(step)


def main() -> None:
    settings = params()
    torch.manual_seed(settings.seed)
    device = torch.device(settings.device)
    prepared = paths.step_input("prepare")
    vocabulary = json.loads((prepared / "vocabulary.json").read_text(encoding="utf-8"))
    tokens = tensors.load(prepared / "train.safetensors")["tokens"]
    model = network.build(settings, len(vocabulary)).to(device)
    fit(model, torch.from_numpy(windows(tokens, settings.integer("context"))), settings)
    weights = {name: tensor.detach().cpu().numpy() for name, tensor in model.state_dict().items()}
    tensors.save(paths.output() / "model.safetensors", weights)
    shutil.copyfile(prepared / "vocabulary.json", paths.output() / "vocabulary.json")


main()
