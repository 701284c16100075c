"""A training in eight chunks: what cutting costs, checking with two workers, checkpoints, and a kill."""

import os
import random
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from benchmarks.measure import Figure, timed
from benchmarks.training import repository
from builder.runtime.chunking.checkpoint import FOLDER, read_checkpoint, write_checkpoint
from verifier import nix
from verifier.chain.check import rebuild_pieces
from verifier.flake import Model, describe
from verifier.nix import Store
from verifier.nixlog import Event
from verifier.rebuild.options import Chain, Options
from verifier.rebuild.plan import make_plan
from verifier.rebuild.second_store import SecondStores

CHUNKS, STEPS = 8, 320
CHECKPOINT_BYTES = 1 << 30
MODEL = """{ mkModel, toolchains, ... }:
mkModel {
  name = "chained";
  version = "1.0.0";
  src = ./.;
  toolchain = toolchains.numpy;
  prepare = [ "prepare.py" ];
  train = TRAIN;
  evaluate = [ "evaluate.py" ];
  card = "card.md";
}
"""
FILES = {
    "card.md": "A chain.\n",
    "prepare.py": "from builder.runtime import paths\n(paths.output() / 'nothing.txt').write_text('')\n",
    "train.py": """
import numpy as np
from builder.runtime import chunks, paths, tensors
from builder.runtime.params import params
noise = np.random.default_rng(1)
weights = {"w": noise.normal(size=(400, 400)).astype(np.float32)}
for step in chunks.load(params().integer("steps"), weights=weights, noise=noise):
    for _ in range(12):
        moved = weights["w"] @ noise.normal(size=(400, 400)).astype(np.float32)
        weights["w"] = moved / np.float32(np.abs(moved).max())
    chunks.save(step)
tensors.save(paths.output() / "model.safetensors", weights)
""",
    "evaluate.py": """
from builder.runtime import metrics, paths, tensors
metrics.write({"sum": float(tensors.load(paths.step_input("train") / "model.safetensors")["w"].sum())})
""",
}


def chaining(flake: str, scratch: Path) -> Iterator[Figure]:
    """Yields the figures of chains, start-up printed apart."""
    root = repository(Path(flake), scratch / "chaining", epochs=1)
    whole, begun = _cost(root, STEPS, scratch), _cost(root, CHUNKS, scratch)
    work = [[a - b for a, b in zip(whole[key], begun[key], strict=True)] for key in ("cut", "one")]
    yield Figure(
        what=f"training in {CHUNKS} chunks, start-up aside",
        seconds=work[0],
        aim="under 1.05",
        peer="in one piece",
        peer_seconds=work[1],
    )
    each = [(a - b) / CHUNKS for a, b in zip(begun["cut"], begun["one"], strict=True)]
    yield Figure(what="start-up of a chunk: build, interpreter, checkpoint of 1 MB", seconds=each, aim="none")
    model = _model(root, STEPS, "worked")
    _realise(model.derivation)
    alone, two = (_checked(root, workers) for workers in (1, 2))
    yield Figure(
        what=f"checking {CHUNKS} claimed chunks with two workers, toolchain aside",
        seconds=[two],
        aim="under 0.56",
        peer="with one worker",
        peer_seconds=[alone],
    )
    yield from _checkpoints(scratch / "checkpoints")
    yield _kill(root, max(whole["cut"]) / CHUNKS)


def _model(root: Path, steps: int, comment: str, *, cut: bool = True) -> Model:
    """Writes the model anew: another comment makes it another model."""
    folder = root / "models" / "chained"
    folder.mkdir(exist_ok=True)
    train = f'{{ files = [ "train.py" ]; chunks = {CHUNKS}; }}' if cut else '[ "train.py" ]'
    params = f"seed: 1\nhyperparameters: {{ steps: {steps} }}\n# {comment} {time.time_ns()}\n"
    for name, text in {**FILES, "model.nix": MODEL.replace("TRAIN", train), "params.yaml": params}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return describe(str(root), ["chained"])[0]


def _realise(*derivations: str) -> None:
    nix.realise(derivations, Store(), lambda _: None)


def _cost(root: Path, steps: int, scratch: Path, rounds: int = 2) -> Mapping[str, list[float]]:
    """Returns the seconds of a training of so many steps, in chunks and in one piece, turn by turn."""
    found: dict[str, list[float]] = {"cut": [], "one": []}
    for number in range(rounds):
        for key in found:
            model = _model(root, steps, f"{scratch.name} {number}", cut=key == "cut")
            _realise(model.steps["prepare"])
            found[key].append(timed(lambda model=model: _realise(model.steps["train"])))  # type: ignore[misc]
    return found


class _Stopwatch:
    """Notes when the first piece begins; a watcher of builds (rebuild/options.py)."""

    def __init__(self) -> None:
        self.begun = 0.0

    def listen(self, which: str, event: Event) -> None:  # noqa: ARG002 (the form of all watchers)
        """Takes in an event."""
        if "-train-" in event.derivation and not self.begun:
            self.begun = time.perf_counter()

    def warn(self, sentence: str) -> None:
        """Ends the benchmark: nothing should be wrong."""
        raise SystemExit(sentence)

    def pause(self) -> None:
        """Does nothing."""

    def expect(self, seconds: Mapping[str, float], version: str) -> None:
        """Does nothing."""


def _checked(root: Path, workers: int) -> float:
    """Returns the seconds from the first piece to the end of a check."""
    watch = _Stopwatch()
    plan = make_plan(describe(str(root), ["chained"])[0], Store())
    with SecondStores() as stores:
        options = Options(
            flake=str(root), url=str(root), revision=None, again=True, live=watch, stores=stores
        )
        found = rebuild_pieces(plan, Store(), options, Chain(workers=workers))
        ended = time.perf_counter()
    if any(row.status != "passed" for row in found.second.rows):
        raise SystemExit("a claim of our own was found to be false")
    return ended - watch.begun


def _checkpoints(folder: Path) -> Iterator[Figure]:
    """Yields what it takes to write and to load a checkpoint of one GiB, the disk included."""
    folder.mkdir()
    state = {"w": np.random.default_rng(1).integers(0, 256, CHECKPOINT_BYTES, np.uint8)}
    training = {"model": "chained", "version": "1.0.0", "params": "0" * 64, "code": "0" * 64}
    others = {"training": training, "step": 1, "previous": None, "trace": None, "recorder": None}

    def write() -> None:
        write_checkpoint(folder / FOLDER, objects={"weights": ("dict", state)}, random={}, others=others)
        os.sync()

    def load() -> None:
        found = read_checkpoint(folder, training).values()["objects"]
        assert isinstance(found, dict)
        np.array(found["weights"][1]["w"])

    for what, action in (("written", write), ("held against its sha256 and loaded", load)):
        seconds = timed(action)
        speed = CHECKPOINT_BYTES / 1e9 / seconds
        yield Figure(what=f"a checkpoint of 1 GiB {what}, {speed:.2f} GB/s", seconds=[seconds], aim="none")


def _kill(root: Path, chunk: float) -> Figure:
    """Returns what is lost when a chain is killed somewhere and built again, against the time of a chunk."""
    model = _model(root, STEPS, "killed")
    _realise(model.steps["prepare"])
    begun: list[tuple[str, float]] = []

    def listen(event: Event) -> None:
        if event.kind == "build":
            begun.append((event.derivation, time.perf_counter()))

    killer = threading.Timer(random.uniform(1, (CHUNKS - 1) * chunk), nix.end_builds)
    killer.start()
    try:
        nix.realise([model.steps["train"]], Store(), listen)
    except nix.BuildFailed:
        killed = time.perf_counter()
    else:
        raise SystemExit("the chain ended before it was killed")
    under_way, since = begun[-1]
    begun.clear()
    nix.realise([model.steps["train"]], Store(), listen)
    if begun[0][0] != under_way:
        raise SystemExit("the chain did not go on with the chunk that was under way")
    return Figure(
        what=f"lost by a kill in chunk {model.chunks.index(under_way) + 1} of {CHUNKS}",
        seconds=[killed - since],
        aim="at most one chunk",
        peer="one chunk",
        peer_seconds=[chunk],
    )
