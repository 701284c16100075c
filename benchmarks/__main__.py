"""`python -m benchmarks`: prints every figure with the machine it was taken on."""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.chaining import chaining
from benchmarks.doubling import doubling
from benchmarks.gating import gating
from benchmarks.known_check import evaluation, known_check
from benchmarks.linting import linting
from benchmarks.measure import Figure, machine
from benchmarks.siting import siting
from benchmarks.toolchain import toolchain
from benchmarks.tracing import tracing
from benchmarks.training import training
from benchmarks.unchanged import unchanged
from benchmarks.verifying import verifying
from verifier.rebuild.folders import cache_root, remove_tree


def main() -> int:
    """Prints the figures one by one; returns 0."""
    flake = str(Path(__file__).resolve().parent.parent)
    cache_root().mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="bench-", dir=cache_root()))
    os.environ["XDG_STATE_HOME"] = str(scratch / "state")
    print(machine(), flush=True)
    try:
        for figure in _figures(flake, scratch):
            print(figure.line(), flush=True)
    finally:
        remove_tree(scratch)
    return 0


def _figures(flake: str, scratch: Path) -> Iterator[Figure]:
    yield known_check(flake)
    yield evaluation(flake)
    yield unchanged(flake, scratch)
    yield linting(flake, scratch)
    yield from verifying(flake, scratch)
    yield gating(flake, scratch)
    yield from doubling(flake, scratch)
    yield from chaining(flake, scratch)
    yield from toolchain(flake, scratch, "numpy", rounds=3)
    yield from toolchain(flake, scratch, "torch-cuda", rounds=1)
    yield training(flake, scratch)
    yield tracing(flake, scratch)
    yield siting(flake, scratch)


if __name__ == "__main__":
    sys.exit(main())
