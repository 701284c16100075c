"""Training digits inside the sandbox, against the same script outside with the same settings."""

import json
import shutil
import subprocess
import time
from pathlib import Path

from benchmarks.measure import Figure, output_of
from verifier import nix
from verifier.flake import Model, describe
from verifier.nix import Store
from verifier.nixlog import EVENT, Event

ROUNDS = 5
EPOCHS = 400  # ten times digits' own, so that the time is not all noise


def training(flake: str, scratch: Path) -> Figure:
    """Returns the seconds between the first and the last epoch; start-up is left out on both sides."""
    root = repository(Path(flake), scratch / "repository", epochs=EPOCHS)
    inside, outside = [], []
    for number in range(ROUNDS):
        # Another comment each round, so that Nix builds anew.
        params = root / "models" / "digits" / "params.yaml"
        params.write_text(params.read_text(encoding="utf-8") + f"# round {number}\n", encoding="utf-8")
        model = describe(str(root), ["digits"])[0]
        inside.append(_inside(model.steps["train"]))
        outside.append(_outside(root, model, scratch / f"outside-{number}"))
    what = f"digits, {EPOCHS} epochs in the sandbox"
    return Figure(what=what, seconds=inside, aim="under 1.1", peer="outside", peer_seconds=outside)


def repository(flake: Path, root: Path, *, epochs: int) -> Path:
    """Copies rules and models into the new folder `root`, with so many epochs for digits; returns the folder."""
    # Not what a release or a contract says: with other epochs it is another model.
    left_out = shutil.ignore_patterns("__pycache__", "releases", "contract.yaml")
    for name in ("builder", "models"):
        shutil.copytree(flake / name, root / name, ignore=left_out)
    for name in ("flake.nix", "flake.lock"):
        shutil.copy(flake / name, root / name)
    params = root / "models" / "digits" / "params.yaml"
    text = params.read_text(encoding="utf-8")
    params.write_text(text.replace("epochs: 40", f"epochs: {epochs}"), encoding="utf-8")
    return root


def _inside(derivation: str) -> float:
    moments: list[float] = []

    def listen(event: Event) -> None:
        if event.kind == "progress":
            moments.append(time.perf_counter())

    nix.realise([derivation], Store(), listen)
    return _between(moments)


def _outside(root: Path, model: Model, output: Path) -> float:
    machine = Store()
    bundle = machine.physical(model.path)
    nix.realise([model.derivation], machine, lambda _: None)
    settings = json.loads((bundle / "toolchain.json").read_text(encoding="utf-8"))["environment"]
    prepared, toolchain = (output_of(model.steps[step]) for step in ("prepare", "toolchain"))
    output.mkdir()
    environment = {
        **settings,
        "PYTHONPATH": str(root),
        "SAMEBITS_PARAMS": str(bundle / "params.yaml"),
        "SAMEBITS_INPUT_PREPARE": str(prepared),
        "SAMEBITS_OUTPUT": str(output),
    }
    script = root / "models" / "digits" / "train.py"
    command = [str(toolchain / "bin" / "python3"), "-B", str(script)]
    moments: list[float] = []
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr or ():
            if line.startswith(EVENT):
                moments.append(time.perf_counter())
    same = (output / "model.safetensors").read_bytes()
    if same != (bundle / "weights" / "model.safetensors").read_bytes():
        raise SystemExit("the training outside gave other bits than the one inside")
    return _between(moments)


def _between(moments: list[float]) -> float:
    if len(moments) != EPOCHS:
        raise SystemExit(f"expected {EPOCHS} progress events, saw {len(moments)}")
    return moments[-1] - moments[0]
