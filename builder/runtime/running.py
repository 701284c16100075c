"""The trace of the running training: one for a process, begun at the first word about it, closed at the end."""

import os
import sys
from collections.abc import Callable, Mapping
from typing import Protocol

from builder.runtime.failure import Refused
from builder.runtime.paths import output
from builder.runtime.trace import FOLDER, TENSORS_EVERY, Trace


class Remembering(Protocol):
    """What notes the steps of a training by hooks: it knows objects, and knows them again in the next chunk."""

    def remember(self, objects: Mapping[str, object]) -> dict[str, object]:
        """Returns, as JSON, which of the objects it has met."""

    def go_on(self, remembered: Mapping[str, object], objects: Mapping[str, object]) -> None:
        """Takes in what `remember` gave, of objects that are the same but for their addresses."""


class Running:
    """What the process knows of its training; `by_hand` is set where the script records its steps itself.

    `skipping` is set while batches are read that an earlier chunk of the training has learnt from.
    """

    def __init__(self) -> None:
        self.by_hand = False
        self.skipping = False
        self.recorder: Remembering | None = None
        self._after: Mapping[str, object] | None = None
        self._at_step: Callable[[], None] | None = None
        self._trace: Trace | None = None
        self._last_notes: list[Callable[[], None]] = []
        self._process = os.getpid()
        self._seed = 0
        self._tensors_every = TENSORS_EVERY

    def configure(self, *, tensors_every: int, seed: int) -> None:
        """Sets how many training steps lie between two digests of all tensors, and which seed is noted."""
        self._tensors_every, self._seed = tensors_every, seed

    @property
    def begun(self) -> bool:
        """Whether there is a trace."""
        return self._trace is not None

    def trace(self) -> Trace:
        """Returns the trace; the first call begins it.

        Raises:
            Refused: this is a child of the script's process, or the script has a folder of the trace's name.
        """
        if os.getpid() != self._process:
            raise Refused(
                "trains in a child process, where no trace can be kept",
                advice="Train in the script's own process.",
            )
        if self._trace is None:
            try:
                self._trace = Trace(
                    output() / FOLDER,
                    tensors_every=self._tensors_every,
                    dense=_dense(),
                    after=self._after,
                )
            except FileExistsError as error:
                raise Refused(
                    f"has a folder {FOLDER!r} of its own in its output",
                    advice="That name is the trace's; choose another.",
                ) from error
            self._trace.decide("seed", {"seed": self._seed})
        return self._trace

    def go_on(self, after: Mapping[str, object] | None, at_step: Callable[[], None]) -> None:
        """Has the trace go on from another's state, if there is one; `at_step` is called after every step."""
        self._after, self._at_step = after, at_step
        if after is not None:
            self.trace()

    def leave_off(self) -> dict[str, object] | None:
        """Returns the state of the trace, if there is one; the digests that are due at its end are not noted."""
        self._last_notes.clear()  # the whole trace has none at this place either
        return self._trace.state() if self._trace is not None else None

    def note_at_end(self, note: Callable[[], None]) -> None:
        """Has `note` called once when the script has ended, before the trace is closed."""
        self._last_notes.append(note)

    def close(self) -> None:
        """Completes the trace, if one was begun."""
        if self._trace is not None and os.getpid() == self._process:
            while self._last_notes:
                self._last_notes.pop()()
            self._trace.close()
            self._trace = None

    def stop_if_finished(self) -> None:
        """Ends the process where only the first SAMEBITS_STOP_AFTER training steps were asked for.

        Raises:
            Refused: the training is to be cut into chunks, and the script does not take part in that.
        """
        if self._at_step is not None:
            self._at_step()
        asked = os.environ.get("SAMEBITS_STOP_AFTER")
        if asked and self._trace is not None and self._trace.step >= int(asked):
            self._last_notes.clear()  # the whole trace has no digests at this place either
            self.close()
            sys.stdout.flush()
            os._exit(0)  # nothing of the script may run after the prefix


def _dense() -> range:
    """Returns the steps for which a replay asks for digests of all tensors (SAMEBITS_DENSE, as FIRST:LAST)."""
    first, _, last = os.environ.get("SAMEBITS_DENSE", "1:0").partition(":")
    return range(int(first), int(last) + 1)


running = Running()
