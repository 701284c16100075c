"""Joins the chunks of a training into the output that one piece would have given.

Usage, inside a build: python -m builder.runtime.chunking.join
"""

import hashlib
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from builder.runtime import trace
from builder.runtime.chunking.checkpoint import Checkpoint, Unfit, read_state
from builder.runtime.chunking.pieces import carry
from builder.runtime.events import emit
from builder.runtime.failure import BAD_INPUT, StepFailed
from builder.runtime.launch import carry_out
from builder.runtime.outputs import check_output
from builder.runtime.plan import Plan


def join(plan: Plan) -> None:
    """Writes the output of `train`: the files of the last chunk, and the trace of all.

    Raises:
        StepFailed: a chunk does not follow from the one before, or the whole is no fit output.
    """
    emit("start", step=plan.step, model=plan.model, profile="")
    plan.output.mkdir(parents=True)
    try:
        checkpoints = [read_state(piece) for piece in plan.pieces[:-1]]
        check_links(checkpoints)
        carry(plan.pieces[-1], plan.output)
        if any((piece / trace.FOLDER).exists() for piece in plan.pieces):
            join_traces(plan.pieces, plan.output / trace.FOLDER)
    except (Unfit, OSError, ValueError, KeyError, TypeError) as error:
        advice = "Build or fetch the chunks anew; each must come from the derivation that `train` names."
        raise StepFailed(
            kind=BAD_INPUT, sentence=f"the chunks do not join: {error}", advice=advice
        ) from error
    check_output(plan.step, plan.output)


def check_links(checkpoints: Sequence[Checkpoint]) -> None:
    """Returns if each checkpoint names the one before as its own.

    Raises:
        Unfit: one does not: the chain was spliced, or has a hole.
    """
    before: Checkpoint | None = None
    for number, one in enumerate(checkpoints, start=1):
        if one.document["previous"] != (before.digest if before else None):
            raise Unfit(
                f"chunk {number} does not follow from the chunk before it: its checkpoint names another"
            )
        if before is not None and (
            one.document["training"] != before.document["training"] or one.step <= before.step
        ):
            raise Unfit(f"chunk {number} is of another training than the chunk before it")
        before = one


def join_traces(pieces: Sequence[Path], folder: Path) -> None:
    """Writes the traces of all pieces as one into the new folder.

    Raises:
        Unfit: a line does not follow from the line before it.
    """
    folder.mkdir()
    end = _Line(step=0, chain="0" * 32)
    with (folder / trace.STEPS).open("wb") as whole:
        for number, piece in enumerate(pieces, start=1):
            for line in _lines(piece / trace.FOLDER / trace.STEPS):
                end = end.next(line, number)
                whole.write(line)
    with (folder / trace.TENSORS).open("wb") as whole:
        for piece in pieces:
            with (piece / trace.FOLDER / trace.TENSORS).open("rb") as part:
                shutil.copyfileobj(part, whole)
    last = (pieces[-1] / trace.FOLDER / trace.DECISIONS).read_bytes()
    said = json.loads(last)
    if (said["steps"], said["chain"]) != (end.step, end.chain):
        raise Unfit("the decisions of the last chunk are of another trace")
    (folder / trace.DECISIONS).write_bytes(last)


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


class _Line:
    """The end of a trace: its number of steps, and its chain."""

    def __init__(self, *, step: int, chain: str) -> None:
        self.step, self.chain = step, chain

    def next(self, line: bytes, piece: int) -> "_Line":
        """Returns the end after one more line."""
        text = line.decode("ascii")
        body, _, rest = text.removeprefix("{").rpartition(',"chain":"')
        chain = hashlib.sha256(f"{self.chain}{body}".encode()).hexdigest()[:32]
        step = self.step + 1
        if rest != f'{chain}"}}\n' or not body.startswith(f'"step":{step:10d},'):
            raise Unfit(f"in the trace of chunk {piece}, step {step} does not follow from the step before")
        return _Line(step=step, chain=chain)


if __name__ == "__main__":
    sys.exit(carry_out(join))
