"""Measures how well the transformer predicts the held-out book, and keeps verses and logits of its own."""

import json

import baseline
import network
import numpy as np
import sampling
import torch
from torch import nn

from builder.runtime import metrics, paths, tensors
from builder.runtime.params import Params, params

GOLDEN_ROWS = 4


def surprise_of(model: nn.Module, tokens: np.ndarray, context: int) -> np.ndarray:
    """Returns for each character but the first -log of the probability that the model gave it.

    Rows overlap by half; a character counts in the row that shows the most of what comes before it.
    """
    starts = [*range(0, len(tokens) - 1 - context, context // 2), len(tokens) - 1 - context]
    rows = tokens[np.array(starts)[:, None] + np.arange(context + 1)]
    surprise = nats(network.logits_of(model, rows[:, :-1]), rows[:, 1:])
    kept = np.empty(len(tokens) - 1)
    for start, row in zip(reversed(starts), reversed(surprise), strict=True):
        kept[start : start + context] = row
    return kept


def bits(surprise: np.ndarray) -> float:
    """Returns the mean, in bits a character."""
    return float(surprise.mean() / np.log(2))


def nats(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Returns -log of the probability of each target, computed in float64."""
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=-1, keepdims=True)
    chosen = np.take_along_axis(wide, targets[..., None].astype(np.int64), axis=-1)[..., 0]
    return np.log(np.exp(wide).sum(axis=-1)) - chosen


def baselines(train: np.ndarray, test: np.ndarray, vocabulary: int) -> dict[str, float]:
    """Returns the bits per character of counting in the same training text."""
    return {
        f"{name}_bits_per_character": baseline.bits_per_character(train, test, length, vocabulary)
        for length, name in enumerate(("unigram", "bigram", "trigram"), start=1)
    }


def require_better(mean: float, others: dict[str, float]) -> None:
    """Returns if the model needs fewer bits than all others.

    Raises:
        SystemExit: it does not.
    """
    for name, other in others.items():
        if mean >= other:
            raise SystemExit(f"the {mean:.4f} bits per character are not below the {name} {other:.4f}")


def written(model: nn.Module, vocabulary: list[str], settings: Params) -> str:
    """Returns lines of the model's own."""
    return sampling.write(
        model,
        vocabulary,
        context=settings.integer("context"),
        lines=settings.integer("sampled_lines"),
        temperature=settings.number("temperature"),
        seed=settings.seed,
    )


@torch.inference_mode()
def main() -> None:
    settings = params()
    prepared, context = paths.step_input("prepare"), settings.integer("context")
    vocabulary = json.loads((prepared / "vocabulary.json").read_text(encoding="utf-8"))
    train, test = (tensors.load(prepared / f"{name}.safetensors")["tokens"] for name in ("train", "test"))
    model = network.trained(settings, paths.step_input("train") / "model.safetensors")

    surprise, others = surprise_of(model, test, context), baselines(train, test, len(vocabulary))
    mean, halves = bits(surprise), np.array_split(surprise, 2)
    require_better(mean, others)
    slices = {name: bits(half) for name, half in zip(("first half", "second half"), halves, strict=True)}
    scalars = {"bits_per_character": mean, "perplexity": 2**mean, **others}
    metrics.write(scalars, slices={"bits_per_character": slices})

    (paths.output() / "samples.txt").write_text(written(model, vocabulary, settings), encoding="utf-8")
    golden = test[: GOLDEN_ROWS * context].reshape(GOLDEN_ROWS, context)
    arrays = {"input.tokens": golden, "output.logits": network.logits_of(model, golden)}
    tensors.save(paths.output() / "golden.safetensors", arrays)


main()
