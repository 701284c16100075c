"""What every step must leave behind: something, and no number that is not finite."""

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

from safetensors import SafetensorError

from builder.runtime import trace
from builder.runtime.canonical import no_key_twice
from builder.runtime.failure import BAD_INPUT, StepFailed
from builder.runtime.finite import not_finite_place, not_finite_tensors


def check_output(step: str, output: Path) -> None:
    """Returns if the output of `step` is fit for the next step.

    Raises:
        StepFailed: nothing was written, weights are missing or not finite, metrics are missing or not finite.
    """
    if not any(path.is_file() for path in output.rglob("*")):
        raise _bad(f"{step} wrote nothing", "Write files into the folder named by SAMEBITS_OUTPUT.")
    if step in CHECKS:
        CHECKS[step](output)


def _check_trained(output: Path) -> None:
    for path in sorted(path for path in output.rglob("*") if path.is_file()):
        if is_pickle(path):
            sentence = f"{path.name} is a pickle, which runs code when it is read"
            raise _bad(sentence, "Save weights as safetensors, and everything else as JSON or text.")
    if (output / trace.FOLDER).exists() and not (output / trace.FOLDER / trace.DECISIONS).exists():
        raise _bad("train left a trace without an end", "Let the script end by itself, not with os._exit.")
    _check_weights(output)


def is_pickle(path: Path) -> bool:
    """Returns whether a file is a pickle of protocol 2 or later, or torch's zip around one, by its content."""
    with path.open("rb") as file:
        start = file.read(2)
    if start == b"PK" and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(".pkl") for name in archive.namelist())
    if len(start) < 2 or start[0] != pickle.PROTO[0] or not 2 <= start[1] <= pickle.HIGHEST_PROTOCOL:
        return False
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read() == pickle.STOP


def _check_weights(output: Path) -> None:
    files = sorted(path for path in output.rglob("*.safetensors") if path.is_file())
    if not files:
        raise _bad("train wrote no weights", "Save them as *.safetensors into SAMEBITS_OUTPUT.")
    for path in files:
        try:
            broken = list(not_finite_tensors(path))
        except SafetensorError as error:
            sentence = f"{path.name} is not safetensors: {error}"
            raise _bad(sentence, "Save weights with safetensors.") from error
        for name, count, size in broken:
            raise _bad(
                f"{path.name}: {count} of {size} values of the tensor {name!r} are NaN or infinite",
                "Lower the learning rate, or clip the gradients.",
            )


def _check_metrics(output: Path) -> None:
    path = output / "metrics.json"
    if not path.is_file():
        raise _bad(
            "evaluate wrote no metrics.json", "Write it into SAMEBITS_OUTPUT; see docs/reference/bundle.md."
        )
    try:
        metrics = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=no_key_twice)
    except (ValueError, RecursionError) as error:
        raise _bad(f"metrics.json is not JSON: {error}", "Write it with builder.runtime.metrics.") from error
    place = not_finite_place(metrics)
    if place is not None:
        raise _bad(f"metrics.json: {place or 'it'} is NaN or infinite", "A metric must be a finite number.")


def _bad(sentence: str, advice: str) -> StepFailed:
    return StepFailed(kind=BAD_INPUT, sentence=sentence, advice=advice)


CHECKS: dict[str, Callable[[Path], None]] = {"train": _check_trained, "evaluate": _check_metrics}
