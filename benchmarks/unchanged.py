"""`verifier check` of a hundred models that nobody changed since their release.

They are built once, and the benchmark writes what a hundred passed checks would have left: that is what a check of
unchanged models starts from, and building a hundred models twice would take half an hour.
"""

import shutil
import sys
from functools import cache
from pathlib import Path

from benchmarks.measure import Figure, run, timed
from benchmarks.training import repository
from verifier import nix
from verifier.flake import Model, describe
from verifier.nar import nar_sha256
from verifier.nix import Store
from verifier.rebuild import records
from verifier.rebuild.artefact import release_document
from verifier.rebuild.plan import make_plan
from verifier.rebuild.unchanged import ALWAYS
from verifier.rebuild.variations import QUICK, Choice, choose
from verifier.release.expected import Expected
from verifier.release.judging import Measured
from verifier.release.releases import FOLDER, write_release
from verifier.verdict import BITWISE, VARIATION

MODELS, ROUNDS = 100, 3
CONTRACT = """metrics:
  - { name: accuracy, direction: higher, tolerance: { absolute: 0.01 }, reason: a benchmark }
  - { name: macro_f1, direction: higher, tolerance: { absolute: 0.01 }, reason: a benchmark }
  - { name: recall, slice: classes/*, direction: higher, tolerance: { absolute: 0.1 }, reason: a benchmark }
"""


def unchanged(flake: str, scratch: Path) -> Figure:
    """Returns the time of a check in which every model is recognised."""
    root = repository(Path(flake), scratch / "unchanged", epochs=1)
    names = [_copy(root / "models", number) for number in range(MODELS)]
    models = describe(str(root), names)
    nix.realise([model.derivation for model in models], Store(), lambda _: None)
    choices = choose(str(root), names, QUICK)
    for model in models:
        _pass(model, choices[model.name], root)
    command = [sys.executable, "-m", "verifier", "check", "--flake", str(root), *names]
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


def _pass(model: Model, choice: Choice, root: Path) -> None:
    """Writes the record and the release that a passed check and `verifier release` leave."""
    plan, machine = make_plan(model, Store()), Store()
    hashes = {build.path: _hash(machine.physical(build.output.path)) for build in plan.builds}
    passed = sorted({*ALWAYS, *(f"{VARIATION} {one.name}" for one in choice.variations)})
    record = records.Record(
        derivation=model.derivation,
        hashes=hashes,
        date=records.now(),
        nix=nix.version(),
        surroundings="of a benchmark",
        passed=passed,
    )
    records.remember(record)
    measured = Measured(used={}, calibration_seconds=None)
    document = release_document(model, machine.physical(model.path), hashes, measured, BITWISE, Expected())
    write_release(root / "models" / model.name / FOLDER, document)


@cache  # the toolchain is the same for all
def _hash(path: Path) -> str:
    return nar_sha256(path)
