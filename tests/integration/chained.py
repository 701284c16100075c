"""Runs a script in chunks as the steps of a chain do, but outside of builds, and joins what they left."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from builder.runtime.canonical import canonical
from builder.runtime.chunking.join import join
from builder.runtime.chunking.tensorfile import sha256_of
from tests.integration.torchbox import Ran, TorchBox
from tests.unit.steps import plan_with

TRAINING = {"model": "tiny", "version": "1.0.0", "params": "0" * 64, "code": "0" * 64}


def run_chunk(box: TorchBox, script: str, asked: object, before: Path | None, **more: str) -> Ran:
    """Runs one chunk of a training; `asked` is what builder/chunks.nix says of it."""
    chunk = canonical({"training": TRAINING, **asked}).decode()  # type: ignore[dict-item]
    given = {"SAMEBITS_INPUT_BEFORE": str(before)} if before else {}
    return box.run(script, SAMEBITS_CHUNK=chunk, **given, **more)


def run_chain(box: TorchBox, script: str, chunks: Iterable[object], **more: str) -> list[Ran]:
    """Runs all chunks of a training; every one must end well."""
    done: list[Ran] = []
    for asked in chunks:
        done.append(run_chunk(box, script, asked, done[-1].output if done else None, **more))
        assert done[-1].code == 0, done[-1].log
    return done


def shares(count: int) -> list[dict[str, int]]:
    """Returns a training in `count` equal shares."""
    return [{"number": number, "of": count} for number in range(1, count + 1)]


def joined(chain: list[Ran], target: Path) -> Path:
    """Joins the outputs of a chain and returns the folder."""
    shutil.rmtree(target, ignore_errors=True)
    join(replace(plan_with(output=target), pieces=tuple(one.output for one in chain)))
    return target


def contents(folder: Path) -> dict[str, str]:
    """Returns the sha256 of every file below a folder."""
    return {str(p.relative_to(folder)): sha256_of(p) for p in sorted(folder.rglob("*")) if p.is_file()}


def state_of(ran: Ran) -> dict[str, object]:
    """Returns the state.json that a chunk left."""
    found: dict[str, object] = json.loads((ran.output / "checkpoint" / "state.json").read_text())
    return found
