"""Lets the transformer write: one character after the other, drawn from its probabilities."""

import numpy as np
import torch
from torch import nn

LONGEST_TEXT = 4000


def write(
    model: nn.Module, vocabulary: list[str], *, context: int, lines: int, temperature: float, seed: int
) -> str:
    """Returns `lines` lines that the model continues a line's end with.

    The draws are made by numpy in float64, so that they depend on the bits of the logits and on `seed` alone.
    """
    generator = np.random.default_rng(seed)
    end = vocabulary.index("\n")
    tokens = [end]
    while tokens.count(end) <= lines and len(tokens) < LONGEST_TEXT:
        logits = next_logits(model, tokens[-context:]) / temperature
        tokens.append(draw(generator, np.exp(logits - logits.max())))
    return "".join(vocabulary[token] for token in tokens[1:])


def next_logits(model: nn.Module, tokens: list[int]) -> np.ndarray:
    device = next(model.parameters()).device
    return model(torch.tensor([tokens], device=device))[0, -1].cpu().numpy().astype(np.float64)


def draw(generator: np.random.Generator, weights: np.ndarray) -> int:
    """Returns an index, drawn with probabilities in proportion to `weights`."""
    bounds = np.cumsum(weights)
    return int(np.searchsorted(bounds, generator.random() * bounds[-1], side="right"))
