"""Trainings in chunks, run as the launcher runs them but outside of a build, on the numpy that the tests have."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder.runtime.canonical import canonical
from builder.runtime.chunking.asked import parse_chunk
from builder.runtime.chunking.join import join
from builder.runtime.failure import StepFailed
from builder.runtime.launch import run_script
from builder.runtime.outputs import check_output, check_piece
from tests.conftest import REPOSITORY
from tests.unit.steps import plan_with

# Momentum, a generator of its own and the global one, a float that is infinite at first, and a file that grows.
SCRIPT = """
import numpy as np
import random
from builder.runtime import chunks, paths, tensors, training
weights = {"w": np.linspace(0, 1, 6, dtype=np.float32).reshape(2, 3)}
state = {"m": np.zeros((2, 3), np.float32), "best": float("inf"), "seen": ()}
noise = np.random.default_rng(7)
log = training.begin(weights, optimiser="SGD")
steps = chunks.load(12, weights=weights, state=state, noise=noise)
for step in steps:
    batch = noise.normal(size=(4, 3)).astype(np.float32)
    gradient = weights["w"] - batch[:2] + np.float32(random.random()) + np.float32(np.random.random())
    state["m"] = np.float32(0.9) * state["m"] + gradient
    weights["w"] = weights["w"] - np.float32(0.1) * state["m"]
    loss = float((gradient**2).sum())
    state["best"], state["seen"] = min(state["best"], loss), (*state["seen"], step)
    log.step(batch=batch, loss=loss, learning_rate=0.1, gradients={"w": gradient})
    with (paths.output() / "losses.txt").open("a") as file:
        file.write(f"{step} {loss!r}\\n")
    chunks.save(step)
tensors.save(paths.output() / "model.safetensors", weights)
"""


def as_in_a_build(patch: pytest.MonkeyPatch) -> None:
    """Has the script's process find the runtime as in a build."""
    patch.setenv("PYTHONPATH", str(REPOSITORY))
    patch.setenv("SAMEBITS_THREADS", "1")
    patch.setenv("OPENBLAS_NUM_THREADS", "1")


@dataclass(frozen=True, kw_only=True)
class Trainings:
    """A folder in which one script is run in pieces; `total` is what model.nix says of the number of steps."""

    folder: Path
    script: str = SCRIPT
    total: int | None = None

    def piece(
        self, asked: dict[str, object] | None, before: Path | None = None, version: str = "1.0.0"
    ) -> Path:
        """Runs one chunk, or all in one piece, and returns its output once it was checked."""
        number = len(list(self.folder.iterdir()))
        code, output = self.folder / f"{number}" / "code", self.folder / f"{number}" / "output"
        for place in (code, output):
            place.mkdir(parents=True)
        (code / "train.py").write_text(self.script)
        params = code.parent / "params.yaml"
        params.write_text("seed: 1\n")
        plan = plan_with(
            **{"code": code, "output": output, "params": params, "chunk": asked, "total": self.total},
            **{"inputs": {"before": before} if before else {}, "version": version},
        )
        run_script(plan)
        if asked is None or parse_chunk(asked).last:
            check_output("train", output)
        else:
            check_piece(output)
        return output

    def refused(self, asked: dict[str, object] | None, before: Path | None = None, **more: str) -> StepFailed:
        """Returns why a chunk has no output."""
        with pytest.raises(StepFailed) as caught:
            self.piece(asked, before, **more)
        return caught.value

    def chain(self, asked: Sequence[dict[str, object]]) -> list[Path]:
        """Runs chunks one after the other and returns their outputs."""
        outputs: list[Path] = []
        for one in asked:
            outputs.append(self.piece(one, outputs[-1] if outputs else None))
        return outputs

    def joined(self, outputs: Sequence[Path]) -> Path:
        """Joins the outputs of chunks and returns the folder."""
        target = self.folder / f"{len(list(self.folder.iterdir()))}"
        join(plan_with(output=target, pieces=tuple(outputs)))
        return target


def shares(count: int) -> list[dict[str, object]]:
    """Returns a training in `count` equal shares, as builder/chunks.nix writes it."""
    return [{"number": number, "of": count} for number in range(1, count + 1)]


def lengths(steps: int, total: int) -> list[dict[str, object]]:
    """Returns a training in chunks of so many steps, as builder/chunks.nix writes it."""
    starts = range(1, total + 1, steps)
    return [
        {"number": number, "from": start, "to": min(start + steps - 1, total), "last": start + steps > total}
        for number, start in enumerate(starts, start=1)
    ]


def contents(folder: Path) -> dict[str, bytes]:
    """Returns all files below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def state_of(output: Path) -> dict[str, object]:
    """Returns the state.json that a chunk left."""
    found: dict[str, object] = json.loads((output / "checkpoint" / "state.json").read_text())
    return found


def rewrite(output: Path, change: Callable[[dict[str, object]], object]) -> None:
    state = state_of(output)
    change(state)
    (output / "checkpoint" / "state.json").write_bytes(canonical(state))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
