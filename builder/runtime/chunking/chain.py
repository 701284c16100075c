"""The chunk that runs in this process: it begins with a checkpoint, and ends with the next."""

import gc
import importlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar, cast

from builder.runtime import paths
from builder.runtime.chunking import randoms
from builder.runtime.chunking.asked import Chunk, parse_chunk, whole
from builder.runtime.chunking.checkpoint import FOLDER, Checkpoint, Unfit, read_checkpoint, write_checkpoint
from builder.runtime.chunking.encoding import Tensors, encode, first_difference
from builder.runtime.chunking.objects import held
from builder.runtime.chunking.pieces import carry
from builder.runtime.failure import Refused, raise_first_refusal
from builder.runtime.running import running
from builder.runtime.surroundings import check_surroundings

TO_ADD = (
    "Add `from builder.runtime import chunks`; before the loop "
    "`steps = chunks.load(total, model=model, optimizer=optimizer)` with all that changes in it; "
    "loop `for step in steps:`; and at the end of each step `chunks.save(step)` (docs/reference/chunks.md)."
)
GO_ON = "Build the chunk before it anew, or fetch it again from where it came."
HOLDING_BACK = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)
T = TypeVar("T")


class Chain:
    """What the process knows of its chunk; where the training is in one piece, nothing."""

    def __init__(self) -> None:
        self._chunk: Chunk | None = None
        self._training: Mapping[str, object] = {}
        self._before: Checkpoint | None = None
        self._objects: dict[str, object] | None = None
        self._put_randoms: Callable[[], None] = _nothing
        self._steps = range(0)
        self._done = 0

    def begin(self) -> None:
        """Reads which chunk this is, and the checkpoint that it goes on from.

        Raises:
            Refused: nothing can go on from that checkpoint.
        """
        asked = os.environ.get("SAMEBITS_CHUNK")
        if asked is None:
            return
        written = json.loads(asked)
        self._chunk, self._training = parse_chunk(written), written["training"]
        if self._chunk.number > 1:
            try:
                self._before = read_checkpoint(paths.step_input("before"), self._training)
            except Unfit as unfit:
                raise _cannot_go_on(str(unfit)) from unfit
        running.go_on(self._before.trace if self._before else None, self._check_loaded)

    def load(self, total: int | None, objects: dict[str, object]) -> range:
        """Puts back what the chunk before left, and returns the steps to do.

        Raises:
            Refused: it cannot.
        """
        if total is not None and (type(total) is not int or total < 1):
            raise Refused(
                f"calls chunks.load with {total!r} steps", advice="Give it a whole number from 1 on."
            )
        if self._chunk is None:
            return whole(total, os.environ.get("SAMEBITS_TOTAL"))
        if self._objects is not None:
            raise Refused("calls chunks.load twice", advice="One training has one chain; call it once.")
        for name, thing in objects.items():
            held(name, thing)  # refused now, not after hours
        self._objects, self._steps = objects, self._chunk.steps(total)
        self._done = self._steps.start - 1
        if self._before is not None:
            self._restore(self._before, objects)
        return self._steps

    def _restore(self, before: Checkpoint, objects: Mapping[str, object]) -> None:
        if before.step != self._done:
            raise _cannot_go_on(
                f"it was written after step {before.step}, and this chunk begins after {self._done}"
            )
        try:
            values = before.values()
        except Unfit as unfit:
            raise _cannot_go_on(str(unfit)) from unfit
        saved = cast(dict[str, tuple[str, object]], values["objects"])
        if saved.keys() != objects.keys():
            raise Refused(
                f"gives chunks.load {_list(objects)}, and the chunk before gave {_list(saved)}",
                advice="Give it the same objects in every chunk.",
            )
        carry(paths.step_input("before"), paths.output())
        for name, thing in objects.items():
            _put_back(name, thing, *saved[name])
        if before.document["recorder"] is not None:
            importlib.import_module("torch")  # which installs the recorder; the script may import it later
        if running.recorder is not None and before.document["recorder"] is not None:
            running.recorder.go_on(cast(Mapping[str, object], before.document["recorder"]), objects)
        self._put_randoms = lambda: randoms.put(cast(Mapping[str, object], values["random"]))
        self._put_randoms()

    def save(self, step: int) -> None:
        """Counts a step; at the end of a chunk that others follow, writes the checkpoint and ends the process.

        Raises:
            Refused: it is not the step that is due, or something cannot be written.
        """
        if self._chunk is None:
            return
        self._check_loaded()
        if step != self._done + 1 or step not in self._steps:
            due = f"due is step {self._done + 1}" if self._done + 1 in self._steps else "its chunk has ended"
            raise Refused(f"calls chunks.save({step}), and {due}", advice=TO_ADD)
        self._done = step
        if step == self._steps[-1] and not self._chunk.last:
            self._end()

    def _end(self) -> None:
        raise_first_refusal()
        objects = cast(dict[str, object], self._objects)
        known = [(name, held(name, thing)) for name, thing in objects.items()]
        recorder = running.recorder.remember(objects) if running.recorder and not running.by_hand else None
        try:
            write_checkpoint(
                paths.output() / FOLDER,
                objects={name: (one.kind, one.take()) for name, one in known},
                random=randoms.take(),
                others={
                    "training": dict(self._training),
                    "step": self._done,
                    "previous": self._before.digest if self._before else None,
                    "trace": running.leave_off(),
                    "recorder": recorder,
                },
            )
        except FileExistsError as error:
            raise Refused(
                f"has {FOLDER!r} of its own in its output",
                advice="That name is the checkpoint's; choose another.",
            ) from error
        check_surroundings()
        _flush()
        os._exit(0)  # nothing of the script may run after the chunk

    def rest(self, steps: range, batches: Iterable[T]) -> Iterator[tuple[int, T]]:
        """Yields the steps with their batches; those of the chunks before are read, dropped and not counted."""
        iterator = iter(batches)
        if self._chunk is not None:
            running.skipping = True
            for _ in range(steps.start - 1):
                next(iterator, None)
            running.skipping = False
            self._put_randoms()
        yield from zip(steps, iterator, strict=False)

    def check_done(self) -> None:
        """Returns if the script did what a chunk must before it ended.

        Raises:
            Refused: it never called load, or ended before its chunk did.
        """
        if self._chunk is None:
            return
        self._check_loaded()
        if not self._chunk.last:
            raise Refused(
                f"ended after step {self._done}, as chunks.save counts, and its chunk goes to {self._steps[-1]}",
                advice=TO_ADD,
            )

    def _check_loaded(self) -> None:
        if self._objects is None:
            raise Refused("cannot be cut into chunks: it does not call chunks.load", advice=TO_ADD)


def _nothing() -> None:
    """Does nothing."""


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"


def _cannot_go_on(why: str) -> Refused:
    return Refused(f"cannot go on from the checkpoint of the chunk before: {why}", advice=GO_ON)


def _put_back(name: str, thing: object, kind: str, state: object) -> None:
    known = held(name, thing)
    if known.kind != kind:
        raise Refused(
            f"gives chunks.load as {name!r} a {known.kind}, and the chunk before gave a {kind}",
            advice="Give it the same objects in every chunk.",
        )
    wanted, found = Tensors(), Tensors()
    expected = encode(state, name, wanted)
    known.put(state)
    parting = first_difference(expected, encode(known.take(), name, found), wanted, found, name)
    if parting is not None:
        raise Refused(
            f"cannot be cut into chunks: {parting} does not come back as it was",
            advice="Its load_state_dict must take back all that its state_dict tells, to the last bit.",
        )


def _flush() -> None:
    """Writes out what the script's open files still hold back: this process ends without closing them."""
    for thing in gc.get_objects():
        # By type: an object can say of itself that it is of any class, and be gone when it is asked.
        if issubclass(type(thing), HOLDING_BACK) and not thing.closed and thing.writable():
            thing.flush()
    sys.stdout.flush()


chain = Chain()
