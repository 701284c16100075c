"""What it costs to build twice, and to build in all the surroundings that are known."""

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Figure, run, timed
from benchmarks.training import repository
from verifier import nix
from verifier.flake import describe
from verifier.nix import Store

EPOCHS = 16_000  # well over half a minute on one core, beside which a toolchain is little


def doubling(flake: str, scratch: Path) -> Iterator[Figure]:
    """Yields a double build of digits against a single one, and a check in all surroundings."""
    root = repository(Path(flake), scratch / "doubling", epochs=EPOCHS)
    single = timed(lambda: _single(root))
    _renew(root)
    double = timed(lambda: _check(root, "none"))
    what = "digits, 16,000 epochs: verifier check, toolchain built a second time too"
    yield Figure(what=what, seconds=[double], aim="under 1.2", peer="one build", peer_seconds=[single])
    short = repository(Path(flake), scratch / "varying", epochs=40)
    _renew(short)
    seconds = timed(lambda: _check(short, "all"))
    yield Figure(what="digits: verifier check --vary all", seconds=[seconds], aim="none; for the night")


def _renew(root: Path) -> None:
    """Adds a comment to the parameters, so that Nix builds anew."""
    params = root / "models" / "digits" / "params.yaml"
    params.write_text(params.read_text(encoding="utf-8") + f"# {root.name}\n", encoding="utf-8")


def _single(root: Path) -> None:
    nix.realise([describe(str(root), ["digits"])[0].derivation], Store(), lambda _: None)


def _check(root: Path, vary: str) -> None:
    run([sys.executable, "-m", "verifier", "check", "digits", "--vary", vary, "--flake", str(root)])
