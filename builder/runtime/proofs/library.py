"""Reads and writes safetensors files with the library for what the toolchain has: torch, or else numpy."""

import importlib
import importlib.util
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open

from builder.runtime.digests import Tensor, describe
from builder.runtime.failure import BAD_INPUT, StepFailed

FRAMEWORK = "torch" if importlib.util.find_spec("torch") else "numpy"
NAME = f"safetensors.{FRAMEWORK}"
# numpy has no type for some of them.
ODD = (SafetensorError, KeyError, TypeError, ValueError, AttributeError)


def load(path: Path) -> dict[str, Tensor]:
    """Reads all tensors of a file by name.

    Raises:
        StepFailed: the library cannot.
    """
    try:
        found: dict[str, Tensor] = importlib.import_module(NAME).load_file(path)
    except ODD as error:
        raise StepFailed(
            kind=BAD_INPUT,
            sentence=f"{path.name} cannot be loaded by {NAME}: {error}",
            advice="Save it with safetensors, in types that this toolchain knows.",
        ) from error
    return found


def save(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> None:
    """Writes tensors by name."""
    importlib.import_module(NAME).save_file(tensors, path, metadata=metadata)


def metadata_of(path: Path) -> dict[str, str] | None:
    """Returns what a safetensors file says beside its tensors."""
    with safe_open(path, framework="np") as opened:
        found: dict[str, str] | None = opened.metadata()
    return found


def described(path: Path) -> dict[str, dict[str, object]]:
    """Returns dtype, shape and sha256 of every tensor of a file, once it was loaded, by name."""
    return {name: describe(tensor) for name, tensor in sorted(load(path).items())}
