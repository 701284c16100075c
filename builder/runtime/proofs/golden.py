"""The program of the proof `golden`: takes from a bundle what its own code needs to give its golden outputs again.

Usage, inside a build: python -m builder.runtime.proofs.golden

Nothing else sees the bundle, so that whoever answers does not see the answers.
"""

import shutil
import sys
from pathlib import Path

from builder.runtime import trace
from builder.runtime.digests import Tensor
from builder.runtime.events import emit
from builder.runtime.failure import BAD_INPUT, StepFailed
from builder.runtime.launch import carry_out
from builder.runtime.plan import Plan
from builder.runtime.proofs import library

FILE = "golden.safetensors"
INPUT, OUTPUT = "input.", "output."


def split(plan: Plan) -> None:
    """Writes weights, code and the like of the bundle, and its golden inputs as `inputs.safetensors`.

    Raises:
        StepFailed: the bundle lacks the script, or golden inputs and outputs that are called so.
    """
    bundle, out = plan.inputs["bundle"], plan.output
    emit("start", step=plan.step, model=plan.model)
    out.mkdir(parents=True)
    if not (bundle / "code" / plan.script).is_file():
        raise _bad(f"the bundle has no code/{plan.script}", "Name it under `predict` in model.nix.")
    inputs = golden_inputs(bundle / FILE)
    for folder in ("code", "training", "weights"):
        if (bundle / folder).exists():
            shutil.copytree(
                bundle / folder, out / folder, ignore=_without_trace, copy_function=shutil.copyfile
            )
    shutil.copyfile(bundle / "params.yaml", out / "params.yaml")
    (out / "predict").write_text(f"{plan.script}\n", encoding="utf-8")
    library.save(out / "inputs.safetensors", inputs, library.metadata_of(bundle / FILE))


def golden_inputs(path: Path) -> dict[str, Tensor]:
    """Returns the inputs among the golden tensors, by their whole names.

    Raises:
        StepFailed: there are none, or no outputs, or some that are called neither.
    """
    if not path.is_file():
        advice = "Have evaluate write it, or name no `predict`; its form is in docs/reference/bundle.md."
        raise _bad(f"evaluate wrote no {FILE}, so there is nothing to predict", advice)
    found = library.load(path)
    for name in sorted(found):
        if not name.startswith((INPUT, OUTPUT)):
            raise _bad(f"{FILE} has the tensor {name!r}", f"Begin its name with {INPUT!r} or {OUTPUT!r}.")
    for kind in (INPUT, OUTPUT):
        if not any(name.startswith(kind) for name in found):
            raise _bad(f"{FILE} has no tensor whose name begins with {kind!r}", "Have evaluate write both.")
    return {name: tensor for name, tensor in found.items() if name.startswith(INPUT)}


def _without_trace(folder: str, _names: list[str]) -> list[str]:
    return [trace.FOLDER] if Path(folder).name == "training" else []


def _bad(sentence: str, advice: str) -> StepFailed:
    return StepFailed(kind=BAD_INPUT, sentence=sentence, advice=advice)


if __name__ == "__main__":
    sys.exit(carry_out(split))
