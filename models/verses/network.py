"""The encoder all-MiniLM-L6-v2, and a linear classifier on the mean of its states.

BERT as Devlin et al. (2019) have it; sizes and the names of parameters are those of the published file.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from builder.runtime import tensors
from builder.runtime.params import Params

VOCABULARY, POSITIONS, SEGMENTS = 30522, 512, 2
LAYERS, HEADS, WIDTH, INNER_WIDTH = 6, 12, 384, 1536
EPSILON = 1e-12
CLASSES = 6
ROWS_AT_ONCE = 32


def norm() -> nn.LayerNorm:
    return nn.LayerNorm(WIDTH, eps=EPSILON)


class Embeddings(nn.Module):
    """What a token is and where it stands, as one state; all tokens are of the first segment."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("position_ids", torch.arange(POSITIONS)[None])
        self.word_embeddings = nn.Embedding(VOCABULARY, WIDTH)
        self.position_embeddings = nn.Embedding(POSITIONS, WIDTH)
        self.token_type_embeddings = nn.Embedding(SEGMENTS, WIDTH)
        self.LayerNorm = norm()

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Token numbers (n, length) → states (n, length, 384)."""
        places = self.position_embeddings.weight[: tokens.shape[1]]
        return self.LayerNorm(self.word_embeddings(tokens) + places + self.token_type_embeddings.weight[0])


class Attention(nn.Module):
    """Attention over all tokens that are no padding, added to what comes in."""

    def __init__(self) -> None:
        super().__init__()
        self.self = nn.ModuleDict({name: nn.Linear(WIDTH, WIDTH) for name in ("query", "key", "value")})
        self.output = nn.ModuleDict({"dense": nn.Linear(WIDTH, WIDTH), "LayerNorm": norm()})

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """States (n, length, 384) and mask (n, length) → states of the same shape."""
        query, key, value = (
            self.self[name](states).unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2)
            for name in ("query", "key", "value")
        )
        seen = mask.bool()[:, None, None, :]
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=seen)
        return self.output["LayerNorm"](states + self.output["dense"](mixed.transpose(1, 2).flatten(2)))


class Layer(nn.Module):
    """Attention, then a network with one hidden layer on each token alone."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = Attention()
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(WIDTH, INNER_WIDTH)})
        self.output = nn.ModuleDict({"dense": nn.Linear(INNER_WIDTH, WIDTH), "LayerNorm": norm()})

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """States (n, length, 384) and mask (n, length) → states of the same shape."""
        states = self.attention(states, mask)
        inner = F.gelu(self.intermediate["dense"](states))
        return self.output["LayerNorm"](states + self.output["dense"](inner))


class Encoder(nn.Module):
    """The published network; its pooler is loaded but not used, since the model is one of mean pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.embeddings = Embeddings()
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(Layer() for _ in range(LAYERS))})
        self.pooler = nn.ModuleDict({"dense": nn.Linear(WIDTH, WIDTH)})

    def lower(self, tokens: torch.Tensor, mask: torch.Tensor, layers: int) -> torch.Tensor:
        """Returns the states (n, length, 384) above the embeddings and the first `layers` layers."""
        states = self.embeddings(tokens)
        for layer in self.encoder["layer"][:layers]:
            states = layer(states, mask)
        return states

    def upper(self, states: torch.Tensor, mask: torch.Tensor, layers: int) -> torch.Tensor:
        """Returns the mean (n, 384) over tokens after all layers but the first `layers`."""
        for layer in self.encoder["layer"][layers:]:
            states = layer(states, mask)
        weights = mask.to(states.dtype)[:, :, None]
        return (states * weights).sum(dim=1) / weights.sum(dim=1)


class Classifier(nn.Module):
    """The encoder, and a score for each class that is linear in the mean of its states."""

    def __init__(self) -> None:
        super().__init__()
        self.base = Encoder()
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Tokens and mask (n, length) → scores (n, classes)."""
        return self.head(self.base.upper(self.base.lower(tokens, mask, LAYERS), mask, LAYERS))


def trained(settings: Params, weights: Path) -> Classifier:
    """Returns the network with the weights of a file that `train` left."""
    model = Classifier()
    model.load_state_dict({name: torch.from_numpy(array) for name, array in tensors.load(weights).items()})
    return model.to(torch.device(settings.device)).eval()


@torch.inference_mode()
def scores_of(model: Classifier, tokens: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Returns scores (n, classes), float32, of tokens and mask (n, length)."""
    parts = [
        torch.from_numpy(array).to(model.head.weight.device).split(ROWS_AT_ONCE) for array in (tokens, mask)
    ]
    return torch.cat([model(*part) for part in zip(*parts, strict=True)]).cpu().numpy()
