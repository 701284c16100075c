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


def bits_per_character(model: nn.Module, tokens: np.ndarray, context: int) -> float:
    """Returns the mean bits over all characters but the first.

    Rows overlap by half; a character counts in the row that shows the most of what comes before it.
    """
    starts = [*range(0, len(tokens) - 1 - context, context // 2), len(tokens) - 1 - context]
    rows = tokens[np.array(starts)[:, None] + np.arange(context + 1)]
    surprise = nats(logits_of(model, rows[:, :-1]), rows[:, 1:])
    kept = np.empty(len(tokens) - 1)
    for start, row in zip(reversed(starts), reversed(surprise), strict=True):
        kept[start : start + context] = row
    return float(kept.mean() / np.log(2))


def logits_of(model: nn.Module, rows: np.ndarray) -> np.ndarray:
    device = next(model.parameters()).device
    return model(torch.from_numpy(rows.astype(np.int64)).to(device)).cpu().numpy()


def nats(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Returns -log of the probability of each target, computed in float64."""
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=-1, keepdims=True)
    chosen = np.take_along_axis(wide, targets[..., None].astype(np.int64), axis=-1)[..., 0]
    return np.log(np.exp(wide).sum(axis=-1)) - chosen


def trained(settings: Params, vocabulary: int) -> nn.Module:
    """Returns the network with the weights that `train` left."""
    arrays = tensors.load(paths.step_input("train") / "model.safetensors")
    model = network.build(settings, vocabulary)
    model.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    return model.to(torch.device(settings.device)).eval()


def baselines(train: np.ndarray, test: np.ndarray, vocabulary: int) -> dict[str, float]:
    """Returns the bits per character of counting in the same training text."""
    return {
        f"{name}_bits_per_character": baseline.bits_per_character(train, test, length, vocabulary)
        for length, name in enumerate(("unigram", "bigram", "trigram"), start=1)
    }


def require_better(bits: float, others: dict[str, float]) -> None:
    """Returns if the model needs fewer bits than all others.

    Raises:
        SystemExit: it does not.
    """
    for name, other in others.items():
        if bits >= other:
            raise SystemExit(f"the {bits:.4f} bits per character are not below the {name} {other:.4f}")


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
    model = trained(settings, len(vocabulary))

    bits, others = bits_per_character(model, test, context), baselines(train, test, len(vocabulary))
    require_better(bits, others)
    metrics.write({"bits_per_character": bits, "perplexity": 2**bits, **others})

    (paths.output() / "samples.txt").write_text(written(model, vocabulary, settings), encoding="utf-8")
    golden = test[: GOLDEN_ROWS * context].reshape(GOLDEN_ROWS, context)
    arrays = {"input.tokens": golden, "output.logits": logits_of(model, golden)}
    tensors.save(paths.output() / "golden.safetensors", arrays)


main()
