"""`verifier check` of a hundred models that nobody changed since their release."""

import shutil
import sys
from pathlib import Path

from benchmarks.measure import Figure, run, timed
from benchmarks.training import repository

MODELS, ROUNDS = 100, 3
CONTRACT = """metrics:
  - { name: accuracy, direction: higher, tolerance: { absolute: 0.01 }, reason: a benchmark }
  - { name: macro_f1, direction: higher, tolerance: { absolute: 0.01 }, reason: a benchmark }
  - { name: recall, slice: classes/*, direction: higher, tolerance: { absolute: 0.1 }, reason: a benchmark }
"""


def unchanged(flake: str, scratch: Path) -> Figure:
    """Returns the time of a check in which every model is recognised, after all were built and released."""
    root = repository(Path(flake), scratch / "unchanged", epochs=1)
    names = [_copy(root / "models", number) for number in range(MODELS)]
    verifier = [sys.executable, "-m", "verifier"]
    run([*verifier, "release", "--flake", str(root), *names])
    command = [*verifier, "check", "--flake", str(root), *names]
    said = run(command)
    if said.count(": unchanged; ") != MODELS:
        raise SystemExit(f"not every model was recognised: {said[:2000]}")
    seconds = [timed(lambda: run(command)) for _ in range(ROUNDS)]
    return Figure(what=f"verifier check of {MODELS} unchanged models", seconds=seconds, aim="under 5 s")


def _copy(models: Path, number: int) -> str:
    """Adds a model like digits of another name; returns the name."""
    name = f"digits-{number:03}"
    shutil.copytree(models / "digits", models / name)
    rule = models / name / "model.nix"
    rule.write_text(rule.read_text(encoding="utf-8").replace('"digits"', f'"{name}"'), encoding="utf-8")
    (models / name / "contract.yaml").write_text(CONTRACT, encoding="utf-8")
    return name
