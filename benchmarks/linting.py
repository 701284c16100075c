"""`verifier lint` of two hundred models, each with files of its own, and all locks of toolchains."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import Figure, timed
from verifier.canonical import digest_of

MODELS, ROUNDS = 200, 5


def linting(flake: str, scratch: Path) -> Figure:
    """Returns the time of the whole process."""
    root = scratch / "linting"
    for number in range(MODELS):
        _copy(Path(flake) / "models" / "digits", root / "models" / f"digits-{number:03}", number)
    shutil.copytree(Path(flake) / "builder" / "locks", root / "locks")
    shutil.copy(Path(flake) / "docs" / "examples" / "policy.yaml", root)
    for command in (["git", "init", "-q"], ["git", "add", "--all"]):
        subprocess.run(command, cwd=root, check=True)
    command = [sys.executable, "-m", "verifier", "lint"]
    seconds = [timed(lambda: subprocess.run(command, cwd=root, check=True)) for _ in range(ROUNDS)]
    return Figure(what=f"verifier lint of {MODELS} models", seconds=seconds, aim="under 1 s")


def _copy(digits: Path, folder: Path, number: int) -> None:
    """Makes a model like digits, in which no file but the contract is another's."""
    folder.mkdir(parents=True)
    for file in ("model.nix", "contract.yaml", "data.yaml"):
        shutil.copy(digits / file, folder)
    params = (digits / "params.yaml").read_text(encoding="utf-8").replace("1998", str(number))
    (folder / "params.yaml").write_text(params, encoding="utf-8")
    schema, lock = (
        json.loads((digits / file).read_text(encoding="utf-8"))
        for file in ("hyperparameters.schema.json", "data.lock.json")
    )
    schema["title"] = folder.name
    lock = {key: value for key, value in lock.items() if key != "digest"} | {"name": folder.name}
    lock["digest"] = digest_of(lock)
    for file, value in (("hyperparameters.schema.json", schema), ("data.lock.json", lock)):
        (folder / file).write_text(json.dumps(value, indent=2), encoding="utf-8")
