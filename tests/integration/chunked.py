"""Small models whose training is cut into chunks: in numpy, with momentum and noise, built in seconds."""

from pathlib import Path

from tests.integration.conftest import Repository

MODEL = """{ mkModel, toolchains, ... }:
mkModel {
  name = "NAME";
  version = "1.0.0";
  src = ./.;
  toolchain = toolchains.numpy;
  prepare = [ "prepare.py" ];
  train = { files = [ "train.py" ]; chunks = CHUNKS; };
  evaluate = [ "evaluate.py" ];
  card = "card.md";
}
"""
PREPARE = """
import numpy as np
from builder.runtime import paths, tensors
values = np.sin(np.arange(400, dtype=np.float32) ** 2).reshape(50, 8)
tensors.save(paths.output() / "data.safetensors", {"values": values})
"""
TRAIN = """
import itertools
import numpy as np
from builder.runtime import chunks, order, paths, tensors, training
values = tensors.load(paths.step_input("prepare") / "data.safetensors")["values"]
weights = {"w": np.zeros(8, np.float32)}
moments = {"m": np.zeros(8, np.float32), "v": np.zeros(8, np.float32), "best": float("inf")}
noise = np.random.default_rng(7)
batches = order.epochs(len(values), 6, 3)
log = training.begin(weights, optimiser="Adam")
steps = chunks.load(TOTAL, weights=weights, moments=moments, noise=noise)
for step, rows in zip(steps, itertools.islice(batches, steps.start - 1, None)):
    batch = values[rows] + noise.normal(size=(6, 8)).astype(np.float32) * np.float32(0.01)
    gradient = weights["w"] - batch.mean(axis=0) + np.random.normal(size=8).astype(np.float32)
    moments["m"] = np.float32(0.9) * moments["m"] + np.float32(0.1) * gradient
    moments["v"] = np.float32(0.99) * moments["v"] + np.float32(0.01) * gradient * gradient
    weights["w"] = weights["w"] - np.float32(0.1) * moments["m"] / (np.sqrt(moments["v"]) + np.float32(1e-6))
    loss = float((gradient * gradient).sum())
    moments["best"] = min(moments["best"], loss)
    log.step(batch=batch, loss=loss, learning_rate=0.1, gradients={"w": gradient})
    with (paths.output() / "losses.txt").open("a") as file:
        file.write(f"{step} {loss!r}\\n")
    chunks.save(step)
tensors.save(paths.output() / "model.safetensors", weights)
"""
EVALUATE = """
from builder.runtime import metrics, paths, tensors
weights = tensors.load(paths.step_input("train") / "model.safetensors")["w"]
metrics.write({"sum": float(weights.sum())})
"""


def add_chunked(
    repository: Repository, name: str, chunks: str | int | None, *, total: int | None = 23, **files: str
) -> Path:
    """Adds a model that trains `total` steps (None: as model.nix says) in `chunks`; None for one piece."""
    model = MODEL.replace("NAME", name).replace(
        " chunks = CHUNKS;", "" if chunks is None else f" chunks = {chunks};"
    )
    train = TRAIN.replace("TOTAL", "" if total is None else str(total)).replace("load(, ", "load(")
    texts = {"model.nix": model, "prepare.py": PREPARE, "train.py": train, "evaluate.py": EVALUATE}
    return repository.add_model(
        name, {**texts, **{key.replace("_", "."): text for key, text in files.items()}}
    )
