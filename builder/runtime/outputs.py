"""What every step must leave behind: something, and no number that is not finite."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from builder.runtime.failure import BAD_INPUT, StepFailed


def check_output(step: str, output: Path) -> None:
    """Returns if the output of `step` is fit for the next step.

    Raises:
        StepFailed: nothing was written, weights are missing or not finite, metrics are missing or not finite.
    """
    if not any(path.is_file() for path in output.rglob("*")):
        raise _bad(f"{step} wrote nothing", "Write files into the folder named by SAMEBITS_OUTPUT.")
    if step in CHECKS:
        CHECKS[step](output)


def _check_weights(output: Path) -> None:
    files = sorted(output.rglob("*.safetensors"))
    if not files:
        raise _bad("train wrote no weights", "Save them as *.safetensors into SAMEBITS_OUTPUT.")
    for path in files:
        try:
            tensors = load_file(path)
        except SafetensorError as error:
            raise _bad(
                f"{path.name} is not safetensors: {error}", "Save weights with safetensors."
            ) from error
        for name, tensor in tensors.items():
            if np.issubdtype(tensor.dtype, np.floating) and not np.isfinite(tensor).all():
                count = int(tensor.size - np.isfinite(tensor).sum())
                raise _bad(
                    f"{path.name}: {count} of {tensor.size} values of the tensor {name!r} are NaN or infinite",
                    "Lower the learning rate, or clip the gradients.",
                )


def _check_metrics(output: Path) -> None:
    path = output / "metrics.json"
    if not path.is_file():
        raise _bad(
            "evaluate wrote no metrics.json", "Write it into SAMEBITS_OUTPUT; see docs/reference/bundle.md."
        )
    try:
        metrics = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise _bad(f"metrics.json is not JSON: {error}", "Write it with builder.runtime.metrics.") from error
    place = _not_finite(metrics)
    if place is not None:
        raise _bad(f"metrics.json: {place or 'it'} is NaN or infinite", "A metric must be a finite number.")


def _not_finite(value: object, place: str = "") -> str | None:
    if isinstance(value, float):
        return None if math.isfinite(value) else place
    if not isinstance(value, (dict, list)):
        return None
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    below = (_not_finite(item, f"{place}.{key}".lstrip(".")) for key, item in pairs)
    return next((found for found in below if found is not None), None)


def _bad(sentence: str, advice: str) -> StepFailed:
    return StepFailed(kind=BAD_INPUT, sentence=sentence, advice=advice)


CHECKS: dict[str, Callable[[Path], None]] = {"train": _check_weights, "evaluate": _check_metrics}
