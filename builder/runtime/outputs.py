"""What every step must leave behind: something, and no number that is not finite."""

import json
import pickle
import pickletools
import zipfile
from collections.abc import Callable
from pathlib import Path

from safetensors import SafetensorError

from builder.runtime import trace
from builder.runtime.canonical import no_key_twice
from builder.runtime.chunking import checkpoint
from builder.runtime.failure import BAD_INPUT, StepFailed
from builder.runtime.finite import not_finite_place, not_finite_tensors

# The pickle itself comes first in what torch.save once wrote; tensors follow.
MOST_OF_A_PICKLE = 1 << 20
# It is read whole, and again by whoever verifies.
MOST_METRICS_BYTES = 4 << 20
CALLS = {"GLOBAL", "REDUCE", "INST", "OBJ", "BUILD"}


def check_output(step: str, output: Path) -> None:
    """Returns if the output of `step` is fit for the next step.

    Raises:
        StepFailed: nothing was written, weights are missing or not finite, metrics are missing or not finite.
    """
    if not any(path.is_file() for path in output.rglob("*")):
        raise _bad(f"{step} wrote nothing", "Write files into the folder named by SAMEBITS_OUTPUT.")
    if step in CHECKS:
        CHECKS[step](output)


def check_piece(output: Path) -> None:
    """Returns if the output of a chunk is fit for the next one; weights are asked of the last chunk alone.

    Raises:
        StepFailed: there is no checkpoint, or what no step may write.
    """
    _check_written(output)
    if not (output / checkpoint.FOLDER / checkpoint.STATE).is_file():
        sentence = "train left no checkpoint at the end of its chunk"
        raise _bad(sentence, "Let the script end by itself; docs/reference/chunks.md says how it is cut.")


def _check_trained(output: Path) -> None:
    _check_written(output)
    _check_weights(output)


def _check_written(output: Path) -> None:
    for path in sorted(path for path in output.rglob("*") if path.is_file()):
        if is_pickle(path):
            sentence = f"{path.name} is a pickle, which runs code when it is read"
            raise _bad(sentence, "Save weights as safetensors, and everything else as JSON or text.")
    if (output / trace.FOLDER).exists() and not (output / trace.FOLDER / trace.DECISIONS).exists():
        sentence = "train left a trace without an end"
        advice = (
            "Let the script end by itself, not with os._exit; a folder `trace` of its own needs another name."
        )
        raise _bad(sentence, advice)


def is_pickle(path: Path) -> bool:
    """Returns whether a file is a pickle, or torch's zip around one, by its content.

    Of the old text protocols only those count that name something to be called.
    """
    with path.open("rb") as file:
        start = file.read(MOST_OF_A_PICKLE)
    if start.startswith(b"PK") and zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                return any(name.endswith(".pkl") for name in archive.namelist())
        except (zipfile.BadZipFile, NotImplementedError):
            return False
    binary = (
        start[:1] == pickle.PROTO and 2 <= int.from_bytes(start[1:2], "little") <= pickle.HIGHEST_PROTOCOL
    )
    found = set()
    try:
        for operation, _, _ in pickletools.genops(start):
            found.add(operation.name)
    except (ValueError, IndexError):
        pass  # no pickle, or cut off after its beginning
    return len(found) > 1 and "STOP" in found and (binary or bool(found & CALLS))


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
    if path.stat().st_size > MOST_METRICS_BYTES:
        sentence = f"metrics.json has {path.stat().st_size:,} bytes, more than {MOST_METRICS_BYTES:,}"
        raise _bad(sentence, "Keep metrics in it; write all else into files of their own beside it.")
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
