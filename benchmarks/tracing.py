"""Training kjv-gpt with its trace, against the same training on the same runtime without one."""

import ast
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measure import Figure, output_of, run
from verifier import nix
from verifier.flake import describe
from verifier.nix import Store
from verifier.nixlog import EVENT

ROUNDS = 3
MODEL = "kjv-gpt"


def tracing(flake: str, scratch: Path) -> Figure:
    """Returns the seconds between the first and the last progress event; start-up is left out on both sides."""
    run([sys.executable, "-m", "builder", "fetch", "--flake", flake, MODEL])
    model = describe(flake, [MODEL])[0]
    machine = Store()
    nix.realise([model.derivation], machine, lambda _: None)
    text = machine.physical(model.steps["train"]).read_text(encoding="utf-8")
    asked = json.loads(dict(_environment(text))["SAMEBITS_STEP"])
    settings = json.loads((machine.physical(model.path) / "toolchain.json").read_text(encoding="utf-8"))
    environment = {
        **settings["environment"],
        "PYTHONPATH": flake,
        "SAMEBITS_PARAMS": asked["params"],
        "SAMEBITS_DEVICE": asked["device"],
        "SAMEBITS_INPUT_PREPARE": asked["inputs"]["prepare"],
    }
    python = output_of(model.steps["toolchain"]) / "bin" / "python3"
    script = Path(asked["code"]) / asked["script"]
    traced: list[float] = []
    plain: list[float] = []
    outputs: list[bytes] = []
    for _ in range(ROUNDS):
        for seconds, step in ((traced, "train"), (plain, "untraced")):
            output = scratch / step
            shutil.rmtree(output, ignore_errors=True)
            output.mkdir()
            own = {"SAMEBITS_STEP": step, "SAMEBITS_OUTPUT": str(output)}
            seconds.append(_trained(python, script, {**environment, **own}))
            outputs.append((output / "model.safetensors").read_bytes())
    if len(set(outputs)) != 1:
        raise SystemExit("the training with a trace gave other bits than the one without")
    what = f"{MODEL}, trained with its trace"
    return Figure(what=what, seconds=traced, aim="under 1.03", peer="without a trace", peer_seconds=plain)


def _environment(derivation: str) -> list[tuple[str, str]]:
    """Returns the variables of a derivation's text; they are the last of its parts."""
    return list(ast.literal_eval(derivation.removeprefix("Derive"))[-1])


def _trained(python: Path, script: Path, environment: dict[str, str]) -> float:
    report = os.open(os.devnull, os.O_WRONLY)
    command = [str(python), "-B", "-m", "builder.runtime.script", str(report), str(script)]
    moments: list[float] = []
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True, pass_fds=[report]
    ) as process:
        for line in process.stderr or ():
            if line.startswith(EVENT):
                moments.append(time.perf_counter())
    os.close(report)
    if process.returncode != 0 or len(moments) < 2:
        raise SystemExit(f"{script} failed")
    return moments[-1] - moments[0]
