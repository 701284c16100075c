"""Whether each claimed chunk says that it goes on from the claimed one before: seen without building anything.

A checkpoint's digest is the sha256 of its state.json, which has that of its tensors and, as `previous`, the digest
of the checkpoint before (docs/reference/chunks.md). The last chunk leaves none; its trace goes on from the
one before.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from verifier.chain.claims import Claims
from verifier.chain.pieces import Piece
from verifier.errors import BadInput
from verifier.schemas import parse_json
from verifier.trace import STEPS, find_trace

FOLDER, STATE, TENSORS = "checkpoint", "state.json", "tensors.safetensors"
SCHEMA = "samebits/checkpoint/v1"
MOST_BYTES = 256 << 20
LONGEST_LINE = 1 << 16
SHOWN_DIGITS = 12
Json = Mapping[str, object]


class Broken(ValueError):
    """A chunk that cannot follow from the one before, or be followed; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What a claimed checkpoint says of itself, and its digest."""

    digest: str
    previous: str | None
    training: object
    trace: Json | None


def read_checkpoint(output: Path) -> Checkpoint:
    """Reads the checkpoint in a chunk's output.

    Raises:
        Broken: there is none, or it is damaged, or its tensors are not those that it names.
    """
    folder = output / FOLDER
    content = _content(folder / STATE)
    try:
        said = cast(Json, parse_json(content.decode("utf-8")))
        known = cast(Json, said["tensors"])
        form, previous, training, trace = (said[key] for key in ("schema", "previous", "training", "trace"))
        size, sha256 = known["bytes"], known["sha256"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Broken(f"its checkpoint is damaged: {STATE} cannot be read") from error
    if form != SCHEMA or not isinstance(previous, str | None) or not isinstance(trace, dict | None):
        raise Broken(f"its checkpoint is damaged: {STATE} is of another form")
    _refuse_other_tensors(folder / TENSORS, size, sha256)
    return Checkpoint(
        digest=hashlib.sha256(content).hexdigest(), previous=previous, training=training, trace=trace
    )


def _content(path: Path) -> bytes:
    _refuse_special(path)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Broken(f"it has no checkpoint: {STATE}: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise Broken(f"its {STATE} has more than {MOST_BYTES >> 20} MiB")
    return content


def _refuse_other_tensors(path: Path, size: object, sha256: object) -> None:
    try:
        _refuse_special(path)
        there = path.stat().st_size
        if there != size:
            raise Broken(f"its checkpoint was altered: {TENSORS} has {there} bytes, and {STATE} says {size}")
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise Broken(f"its checkpoint was altered: {TENSORS} has another sha256 than {STATE} says")
    except OSError as error:
        raise Broken(f"its checkpoint lacks {TENSORS}: {error.strerror}") from error


def _refuse_special(path: Path) -> None:
    """Returns if the path is a file, or not there: whoever made the claim may have put anything in its place."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise Broken(f"its checkpoint is damaged: {path.name} is no plain file")


def link_faults(pieces: Sequence[Piece], claims: Claims, there: set[str]) -> dict[str, str]:
    """Returns what is wrong with chunks that are claimed, by their names; `there` are those that were fetched."""
    chunks = [piece for piece in pieces if piece.number is not None]
    known: dict[str, Checkpoint] = {}
    faults: dict[str, str] = {}
    for piece in (one for one in chunks if one.name in there):
        before = known.get(piece.reads[0]) if piece.reads else None
        try:
            if piece is not chunks[-1]:
                known[piece.name] = read_checkpoint(claims.folder(piece.name))
                _refuse_splice(piece, known[piece.name], before)
            elif before is not None:
                _refuse_other_trace(piece, claims.folder(piece.name), before)
        except Broken as broken:
            faults[piece.name] = str(broken)
    return faults


def _refuse_splice(piece: Piece, checkpoint: Checkpoint, before: Checkpoint | None) -> None:
    if not piece.reads:
        if checkpoint.previous is not None:
            raise Broken("a spliced chain: it is the first, and names a checkpoint before it")
        return
    if before is None:
        return  # which lacks, or is damaged: its own row says so
    if checkpoint.previous != before.digest:
        named = (checkpoint.previous or "none")[:SHOWN_DIGITS]
        raise Broken(
            f"a spliced chain: it goes on from the checkpoint {named}, "
            f"and the claimed {piece.reads[0]} is {before.digest[:SHOWN_DIGITS]}"
        )
    if checkpoint.training != before.training:
        raise Broken(f"a spliced chain: it says that it is of another training than {piece.reads[0]}")


def _refuse_other_trace(piece: Piece, output: Path, before: Checkpoint) -> None:
    """Returns if the first line of the last chunk's trace has the chain that the one before ended with."""
    if before.trace is None:
        return
    try:
        with (find_trace(output) / STEPS).open("rb") as file:
            line = file.readline(LONGEST_LINE).decode("ascii")
    except (BadInput, OSError, ValueError) as error:
        raise Broken("its trace cannot be read") from error
    body, _, rest = line.removeprefix("{").rpartition(',"chain":"')
    chain = hashlib.sha256(f"{before.trace.get('chain')}{body}".encode()).hexdigest()[:32]
    if rest != f'{chain}"}}\n':
        raise Broken(f"a spliced chain: its trace does not go on from that of the claimed {piece.reads[0]}")
