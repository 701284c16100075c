"""The program of the proof `inference`: the bundle's own script answers the golden inputs, from the weights alone.

Usage, inside a build: python -m builder.runtime.proofs.inference
"""

import os
import sys
from pathlib import Path

from safetensors import SafetensorError, safe_open

from builder.runtime.events import emit
from builder.runtime.failure import BAD_INPUT, StepFailed
from builder.runtime.launch import carry_out, check_sandbox, run_script
from builder.runtime.plan import Plan
from builder.runtime.proofs.golden import OUTPUT

FILE = "outputs.safetensors"


def infer(plan: Plan) -> None:
    """Runs the script as a step does, and looks at what it wrote.

    Raises:
        StepFailed: for any reason there are no outputs.
    """
    check_sandbox()
    plan.output.mkdir(parents=True)
    emit("start", step=plan.step, model=plan.model, profile=os.environ.get("SAMEBITS_PROFILE", ""))
    run_script(plan)
    check_outputs(plan.script, plan.output / FILE)


def check_outputs(script: str, path: Path) -> None:
    """Returns if the script wrote tensors that are called outputs, and no others.

    Raises:
        StepFailed: it did not.
    """
    if not path.is_file():
        raise _bad(f"{script} wrote no {FILE}")
    try:
        with safe_open(path, framework="np") as opened:
            names = sorted(opened.keys())
    except SafetensorError as error:
        raise _bad(f"{script} wrote {FILE}, which is not safetensors: {error}") from error
    others = [name for name in names if not name.startswith(OUTPUT)]
    if others or not names:
        what = f"the tensor {others[0]!r}" if others else "no tensor"
        raise _bad(f"{script} wrote {what} into {FILE}")


def _bad(sentence: str) -> StepFailed:
    advice = f"Write what golden.safetensors has as {OUTPUT}… by the same names into SAMEBITS_OUTPUT/{FILE}."
    return StepFailed(kind=BAD_INPUT, sentence=sentence, advice=advice)


if __name__ == "__main__":
    sys.exit(carry_out(infer))
