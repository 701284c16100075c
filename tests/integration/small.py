"""A small model with everything that a check looks at: data from a lock, a trace, golden answers, a contract."""

import json
from pathlib import Path

from tests.integration.conftest import Done, Repository
from verifier.canonical import digest_of

MODEL = """{ mkModel, toolchains, sources }:
mkModel {
  name = "small";
  version = "1.0.0";
  src = ./.;
  toolchain = toolchains.numpy;
  data.text = sources.words;
  prepare = [ "prepare.py" ];
  train = [ "train.py" ];
  evaluate = [ "evaluate.py" ];
  predict = [ "predict.py" ];
  card = "card.md";
}
"""
PREPARE = """
import numpy as np
from builder.runtime import dataset, paths, tensors
content = np.frombuffer(paths.source("text").read_bytes()[:600], np.uint8)
dataset.stage("read", labels=content % 3, values=content.astype(np.float32))
tensors.save(paths.output() / "data.safetensors", {"values": content.astype(np.float32)})
"""
TRAIN = """
import numpy as np
from builder.runtime import paths, tensors, training
from builder.runtime.params import params
values = tensors.load(paths.step_input("prepare") / "data.safetensors")["values"]
weights = {"mean": np.zeros(1, np.float32)}
size = params().integer("batch_size")
log = training.begin(weights, optimiser="SGD")
for step in range(params().integer("steps")):
    batch = values[step * size : (step + 1) * size]
    gradient = weights["mean"] - batch.mean(keepdims=True)
    weights["mean"] = weights["mean"] - np.float32(0.5) * gradient
    log.step(batch=batch, loss=float(gradient[0] ** 2), learning_rate=0.5, gradients={"mean": gradient})
tensors.save(paths.output() / "model.safetensors", weights)
"""
EVALUATE = """
import numpy as np
from builder.runtime import metrics, paths, tensors
mean = tensors.load(paths.step_input("train") / "model.safetensors")["mean"]
values = tensors.load(paths.step_input("prepare") / "data.safetensors")["values"]
metrics.write({"closeness": float(1 / (1 + abs(mean[0] - values.mean())))})
golden = {"input.x": values[:4, None], "output.y": values[:4, None] - mean}
tensors.save(paths.output() / "golden.safetensors", golden)
"""
PREDICT = """
from builder.runtime import paths, tensors
bundle = paths.step_input("bundle")
mean = tensors.load(bundle / "weights" / "model.safetensors")["mean"]
x = tensors.load(bundle / "inputs.safetensors")["input.x"]
tensors.save(paths.output() / "outputs.safetensors", {"output.y": x - mean})
"""
PARAMS = "seed: 1\nhyperparameters: { steps: 12, batch_size: 50 }\n"
CONTRACT = """metrics:
  - name: closeness
    direction: higher
    tolerance: { relative: 0.05 }
    reason: a batch more or less
resources:
  train:
    peak_memory_bytes: { warn: 2, fail: 4 }
"""


def data_lock(root: Path, package: str) -> str:
    """Returns a lock of data that calls a wheel of the toolchain `words`."""
    toolchain = json.loads((root / "builder" / "locks" / "numpy.lock.json").read_text())
    entry = next(e for e in toolchain["sources"] if e["name"] == package)
    request = {"kind": "data", "python": "3.11", "wheels": ["words"]}
    lock = {"schema": toolchain["schema"], "name": "small", "request": request}
    lock["sources"] = [{**entry, "name": "words", "role": "data"}]
    return json.dumps({**lock, "digest": digest_of(lock)})


def add_small(repository: Repository) -> Path:
    """Adds the model `small`, which learns the mean of the first bytes of a wheel."""
    files = {"model.nix": MODEL, "prepare.py": PREPARE, "train.py": TRAIN, "evaluate.py": EVALUATE}
    others = {"predict.py": PREDICT, "params.yaml": PARAMS, "contract.yaml": CONTRACT}
    lock = {"data.lock.json": data_lock(repository.root, "attrs")}
    return repository.add_model("small", {**files, **others, **lock})


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def failure(done: Done) -> str:
    """Returns the verdict line of a check that failed."""
    assert done.code == 1, done.out + done.err
    return done.out.splitlines()[0]
