"""A checkpoint: `state.json`, canonical JSON with all that is no tensor, and `tensors.safetensors`; no pickle.

The digest of a checkpoint is the sha256 of its state.json, which holds that of the tensors and, as `previous`, the
digest of the checkpoint before. So the last one of a chain stands for all of them.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from builder.runtime.canonical import canonical, parse
from builder.runtime.chunking.encoding import Tensors, decode, encode
from builder.runtime.chunking.tensorfile import Entry, read_tensors, sha256_of, write_tensors
from builder.runtime.validate import SCHEMAS, Invalid, load_schema, validate

FOLDER, STATE, TENSORS = "checkpoint", "state.json", "tensors.safetensors"
SCHEMA = "samebits/checkpoint/v1"
Json = Mapping[str, object]


class Unfit(ValueError):
    """A checkpoint that nothing can go on from; the text is one sentence."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What was read of one: the document, and its digest."""

    document: Json
    digest: str
    folder: Path

    @property
    def step(self) -> int:
        """How many steps were done."""
        return cast(int, self.document["step"])

    @property
    def trace(self) -> Json | None:
        """The state of the trace; None where the script keeps none."""
        return cast(Json | None, self.document["trace"])

    def values(self) -> dict[str, object]:
        """Returns `objects`, by name with kind and state, and `random`.

        Raises:
            Unfit: its parts do not fit together.
        """
        try:
            entries: dict[str, Entry] = read_tensors(self.folder / TENSORS)
            objects = cast(Mapping[str, Json], self.document["objects"])
            found = {name: (one["kind"], decode(one["state"], entries)) for name, one in objects.items()}
            return {"objects": found, "random": decode(self.document["random"], entries)}
        except (ValueError, KeyError, TypeError, OSError, RuntimeError) as error:
            raise Unfit(f"{STATE} and {TENSORS} do not fit together: {error}") from error


def write_checkpoint(
    folder: Path, *, objects: Mapping[str, tuple[str, object]], random: object, others: Json
) -> None:
    """Writes a checkpoint into the new folder; `objects` have a kind and a state, `others` are more keys.

    Raises:
        Refused: a state holds what cannot be written exactly.
        FileExistsError: the folder is there.
    """
    tensors = Tensors()
    kept = {
        name: {"kind": kind, "state": encode(state, name, tensors)} for name, (kind, state) in objects.items()
    }
    generators = encode(random, "random", tensors)
    folder.mkdir()
    length, sha256 = write_tensors(folder / TENSORS, tensors.entries)
    document = {
        "schema": SCHEMA,
        "objects": kept,
        "random": generators,
        "tensors": {"bytes": length, "sha256": sha256},
        **others,
    }
    (folder / STATE).write_bytes(canonical(document))


def read_state(output: Path) -> Checkpoint:
    """Reads the state.json of a chunk's output.

    Raises:
        Unfit: there is none, or it is damaged.
    """
    folder = output / FOLDER
    try:
        content = (folder / STATE).read_bytes()
        document = parse(content.decode())
        validate(document, load_schema(SCHEMAS / "checkpoint.schema.json"), STATE)
    except OSError as error:
        raise Unfit(f"there is no {FOLDER}/{STATE}") from error
    except Invalid as error:
        raise Unfit(str(error)) from error
    except ValueError as error:
        raise Unfit(f"{STATE} is damaged: {error}") from error
    if canonical(document) != content:
        raise Unfit(f"{STATE} was altered: it is not canonical JSON")
    return Checkpoint(
        document=cast(Json, document), digest=hashlib.sha256(content).hexdigest(), folder=folder
    )


def read_checkpoint(output: Path, training: Json) -> Checkpoint:
    """Reads the checkpoint of a chunk's output, which must be of this `training`.

    Raises:
        Unfit: it is missing, damaged, altered, truncated, or of another training.
    """
    found = read_state(output)
    said = cast(Json, found.document["training"])
    for what, mine in training.items():
        if said[what] != mine:
            raise Unfit(f"it belongs to another training: its {what} is {said[what]}, this one's {mine}")
    check_tensors(found)
    return found


def check_tensors(found: Checkpoint) -> None:
    """Returns if the tensors are those that the state names.

    Raises:
        Unfit: they are missing, altered or truncated.
    """
    said, path = cast(Json, found.document["tensors"]), found.folder / TENSORS
    try:
        length = path.stat().st_size
        if length != said["bytes"]:
            raise Unfit(f"{TENSORS} has {length} bytes, and {STATE} says {said['bytes']}")
        if sha256_of(path) != said["sha256"]:
            raise Unfit(f"{TENSORS} was altered: its sha256 is not the one that {STATE} says")
    except OSError as error:
        raise Unfit(f"{TENSORS} cannot be read: {error.strerror}") from error
