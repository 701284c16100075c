"""The program of the proof `fidelity`: weights that are loaded and saved stay the same, in another process too.

Usage, inside a build: python -m builder.runtime.proofs.fidelity
"""

import filecmp
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from builder.runtime.canonical import readable
from builder.runtime.events import emit
from builder.runtime.launch import carry_out
from builder.runtime.plan import Plan
from builder.runtime.proofs import library

Descriptions = dict[str, dict[str, object]]


def prove(plan: Plan) -> None:
    """Writes `fidelity.json`; a difference is a finding in it, not a failure.

    Raises:
        StepFailed: the weights cannot be loaded at all.
    """
    bundle = plan.inputs["bundle"]
    emit("start", step=plan.step, model=plan.model)
    plan.output.mkdir(parents=True)
    weights = sorted(path for path in (bundle / "weights").rglob("*") if path.is_file())
    with tempfile.TemporaryDirectory() as scratch:
        files = [
            {"path": path.relative_to(bundle).as_posix(), **saved_again(path, Path(scratch) / "saved")}
            for path in weights
        ]
    document = {"schema": "samebits/fidelity/v1", "loaded_with": library.NAME, "files": files}
    (plan.output / "fidelity.json").write_text(readable(document), encoding="utf-8")


def in_another_process(path: Path) -> Descriptions:
    """Returns what a new process finds in a safetensors file."""
    command = [sys.executable, "-B", "-m", "builder.runtime.proofs.describe", str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    found: Descriptions = json.loads(done.stdout)
    return found


def saved_again(
    path: Path, target: Path, read: Callable[[Path], Descriptions] = in_another_process
) -> dict[str, object]:
    """Loads a file, saves it as `target`, has that `read`, and returns what is equal.

    1. The bytes are equal: nothing in the file gets lost when it is loaded.
    2. The tensors that are read again are those that were loaded.
    """
    library.save(target, library.load(path), library.metadata_of(path))
    loaded, again = library.described(path), read(target)
    unequal = [name for name in sorted({*loaded, *again}) if loaded.get(name) != again.get(name)]
    return {
        "equal_bytes": filecmp.cmp(path, target, shallow=False),
        "tensors": len(loaded),
        "unequal_tensors": unequal,
    }


if __name__ == "__main__":
    sys.exit(carry_out(prove))
