"""A causal transformer on characters: tokens (n, length) → logits (n, length, vocabulary)."""

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from builder.runtime import tensors
from builder.runtime.params import Params

MLP_RATIO = 4
INITIAL_DEVIATION = 0.02


class Block(nn.Module):
    """Attention to earlier characters, then a layer on each character alone; both add to what comes in."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.attention_output = nn.Linear(width, width, bias=False)
        self.mlp_norm = nn.LayerNorm(width)
        self.mlp_input = nn.Linear(width, MLP_RATIO * width)
        self.mlp_output = nn.Linear(MLP_RATIO * width, width)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """States (n, length, width) → states of the same shape."""
        states = states + self.attend(self.attention_norm(states))
        return states + self.mlp_output(F.gelu(self.mlp_input(self.mlp_norm(states))))

    def attend(self, states: torch.Tensor) -> torch.Tensor:
        """Mixes into each character's state those of the characters before it."""
        rows, length, width = states.shape
        split = self.query_key_value(states).view(rows, length, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)  # each (rows, heads, length, width of a head)
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.attention_output(mixed.transpose(1, 2).reshape(rows, length, width))


class Transformer(nn.Module):
    """The decoder of GPT-2 (Radford et al., 2019), small; the output shares the weights of the embedding."""

    def __init__(self, *, vocabulary: int, context: int, width: int, heads: int, layers: int) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(vocabulary, width)
        self.position_embedding = nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.final_norm = nn.LayerNorm(width)
        self.apply(initialise)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Tokens (n, length), at most `context` long → logits (n, length, vocabulary)."""
        states = self.token_embedding(tokens) + self.position_embedding.weight[: tokens.shape[1]]
        for block in self.blocks:
            states = block(states)
        return F.linear(self.final_norm(states), self.token_embedding.weight)


def initialise(module: nn.Module) -> None:
    """Draws weights as GPT-2 does; biases become zero."""
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=INITIAL_DEVIATION)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)


def build(settings: Params, vocabulary: int) -> Transformer:
    """Returns a network of the size that `params.yaml` asks for, with weights drawn anew."""
    sizes = {name: settings.integer(name) for name in ("context", "width", "heads", "layers")}
    return Transformer(vocabulary=vocabulary, **sizes)


def trained(settings: Params, weights: Path) -> Transformer:
    """Returns the network with the weights of a file that `train` left."""
    arrays = tensors.load(weights)
    model = build(settings, len(arrays["token_embedding.weight"]))
    model.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    return model.to(torch.device(settings.device)).eval()


@torch.inference_mode()
def logits_of(model: nn.Module, rows: np.ndarray) -> np.ndarray:
    """Returns the logits (n, length, vocabulary) of rows of tokens (n, length)."""
    device = next(model.parameters()).device
    return model(torch.from_numpy(rows.astype(np.int64)).to(device)).cpu().numpy()
