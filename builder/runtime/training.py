"""A few lines of API for a training loop that no hook can see into, such as one in numpy.

log = training.begin(weights, optimiser="SGD", momentum=0.9)
for …:
    log.step(batch=(images, labels), loss=loss, learning_rate=rate, gradients=gradients)
"""

import math
from collections.abc import Mapping

import numpy as np

from builder.runtime.digests import digest_of
from builder.runtime.running import running
from builder.runtime.tensors import Array
from builder.runtime.usage import rows_of, usage


class Training:
    """The running training: `tensors` is read, never written, whenever their digests are due."""

    def __init__(self, tensors: Mapping[str, Array]) -> None:
        self._tensors = tensors
        running.note_at_end(self._note)
        log = running.trace()
        if log.step == 0 or log.step != log.begun_at:  # else the chunk before has noted what is due here
            self._note()

    def step(
        self,
        *,
        batch: object,
        loss: float,
        learning_rate: float,
        gradients: Mapping[str, Array],
    ) -> None:
        """Records one step after its update; `batch` is arrays, in tuples, lists or dictionaries.

        Raises:
            Refused: the loss or the gradient is not finite.
        """
        usage.saw_batch(rows_of(batch))
        log = running.trace()
        log.record(
            batch=digest_of(batch),
            loss=float(loss),
            learning_rate=float(learning_rate),
            gradient_norm=norm(gradients),
        )
        if log.wants_tensors():
            self._note()
        running.stop_if_finished()

    def _note(self) -> None:
        log = running.trace()
        if log.noted != log.step:
            log.tensors(self._tensors.items())


def begin(tensors: Mapping[str, Array], **decisions: object) -> Training:
    """Begins the trace of this training; `tensors` are its weights by name, `decisions` go into the trace.

    From now on the hooks in torch record nothing.
    """
    running.by_hand = True
    running.trace().decide("training", decisions)
    return Training(tensors)


def norm(arrays: Mapping[str, Array]) -> float:
    """Returns the Euclidean norm of all `arrays` together, summed in binary64 in the order of names."""
    flat = (np.asarray(arrays[name], np.float64).reshape(-1) for name in sorted(arrays))
    return math.sqrt(math.fsum(float(values @ values) for values in flat))
