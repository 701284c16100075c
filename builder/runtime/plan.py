"""What one step was asked to do: parsed once from the environment that `step.nix` sets."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from builder.runtime.canonical import canonical, digest
from builder.runtime.chunking.tensorfile import sha256_of
from builder.runtime.paths import variable
from builder.runtime.varied import Changes

# Of Nix's own variables a script keeps those that name its scratch folder.
KEPT = ("HOME", "TMPDIR", "TMP", "TEMP", "TEMPDIR", "PYTHONPATH", "PATH", "LD_LIBRARY_PATH")
# Variables of the determinism profile, by how they start.
PROFILE = (
    *("PYTHON", "LC_", "TZ", "SOURCE_DATE_EPOCH", "OMP_", "MKL_", "OPENBLAS_", "ATEN_", "ONEDNN_", "NPY_"),
    *("GLIBC_TUNABLES", "CUBLAS_", "NVIDIA_", "SAMEBITS_PROFILE", "SAMEBITS_THREADS"),
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One step of one model; every path is absolute."""

    step: str
    model: str
    version: str
    code: Path
    script: str
    params: Path
    schema: Path | None
    inputs: dict[str, Path]
    sources: dict[str, Path]
    output: Path
    device: str = "cpu"
    # Of `train`: end it after so many training steps and keep the trace alone; for comparing a prefix.
    stop_after: int | None = None
    # In a replay: the first and the last step after which all tensors are noted.
    dense: tuple[int, int] | None = None
    # Of `train`: which chunk of it this is (builder/chunks.nix); None for all of it in one piece.
    chunk: dict[str, object] | None = None
    # How many steps the training has, where model.nix says so.
    total: int | None = None
    # The outputs of all chunks in order, where they are joined.
    pieces: tuple[Path, ...] = ()
    # The words before the interpreter's, where a script runs on another CPU than this machine's.
    emulator: tuple[str, ...] = ()
    # What else a variation changes.
    changes: Changes = field(default_factory=Changes)

    def environment(self) -> dict[str, str]:
        """Returns all that the script sees: the profile, its scratch folder, and where things are.

        Raises:
            ValueError: two sources would have the same variable.
        """
        found = {k: v for k, v in os.environ.items() if k in KEPT or k.startswith(PROFILE)}
        found |= {variable("INPUT", name): str(path) for name, path in self.inputs.items()}
        if len({variable("SOURCE", name) for name in self.sources}) != len(self.sources):
            raise ValueError(f"two names in `data` give one variable: {', '.join(sorted(self.sources))}")
        found |= {variable("SOURCE", name): str(path) for name, path in self.sources.items()}
        return found | {
            "SAMEBITS_STEP": self.step,
            "SAMEBITS_MODEL": self.model,
            "SAMEBITS_VERSION": self.version,
            "SAMEBITS_PARAMS": str(self.params),
            "SAMEBITS_DEVICE": self.device if self.step == "train" else "cpu",
            "SAMEBITS_OUTPUT": str(self.output),
            **({"SAMEBITS_STOP_AFTER": str(self.stop_after)} if self.stop_after else {}),
            **({"SAMEBITS_CHUNK": canonical(self._chunk()).decode()} if self.chunk else {}),
            **({"SAMEBITS_TOTAL": str(self.total)} if self.total else {}),
            **({"SAMEBITS_DENSE": f"{self.dense[0]}:{self.dense[1]}"} if self.dense else {}),
        }

    def _chunk(self) -> dict[str, object]:
        """Returns which chunk this is, and of which training: a checkpoint of another is refused."""
        files = sorted(path for path in self.code.rglob("*") if path.is_file())
        code = {str(path.relative_to(self.code)): sha256_of(path) for path in files}
        training = {"model": self.model, "version": self.version, "params": sha256_of(self.params)}
        return {**(self.chunk or {}), "training": {**training, "code": digest(code)}}


def read_plan() -> Plan:
    """Parses SAMEBITS_STEP (JSON) and `out`.

    Raises:
        KeyError: this is no build of a step.
    """
    asked = json.loads(os.environ["SAMEBITS_STEP"])
    return Plan(
        step=asked["step"],
        model=asked["model"],
        version=asked["version"],
        code=Path(asked["code"]),
        script=asked["script"],
        params=Path(asked["params"]),
        device=asked["device"],
        schema=Path(asked["schema"]) if asked["schema"] else None,
        inputs={name: Path(path) for name, path in asked["inputs"].items()},
        sources={name: Path(path) for name, path in asked["sources"].items()},
        output=Path(os.environ["out"]),
        stop_after=asked.get("stop_after"),
        dense=tuple(asked["dense"]) if "dense" in asked else None,
        chunk=asked.get("chunk"),
        total=asked.get("total"),
        pieces=tuple(Path(path) for path in asked.get("pieces", ())),
        emulator=tuple(asked.get("emulator", ())),
        changes=Changes(**asked.get("surroundings", {})),
    )
