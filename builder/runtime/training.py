"""A few lines of API for a training loop that no hook can see into, such as one in numpy.

log = training.begin(weights, optimiser="SGD", momentum=0.9)
for …:
    log.step(batch=(images, labels), loss=loss, learning_rate=rate, gradients=gradients)
"""

import math
from collections.abc import Mapping

import numpy as np

from builder.runtime import trace
from builder.runtime.tensors import Array


class Training:
    """The running training: `tensors` is read, never written, whenever their digests are due."""

    def __init__(self, tensors: Mapping[str, Array], log: trace.Trace) -> None:
        self._tensors = tensors
        self._log = log
        trace.before_close(self._note)
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
        self._log.record(
            batch=trace.digest_of(batch),
            loss=float(loss),
            learning_rate=float(learning_rate),
            gradient_norm=norm(gradients),
        )
        if self._log.wants_tensors():
            self._note()
        trace.stop_if_finished()

    def _note(self) -> None:
        if self._log.noted != self._log.step:
            self._log.tensors(self._tensors.items())


def begin(tensors: Mapping[str, Array], **decisions: object) -> Training:
    """Begins the trace of this training; `tensors` are its weights by name, `decisions` go into the trace."""
    log = trace.begin_by_hand()
    log.decide("training", decisions)
    return Training(tensors, log)


def norm(arrays: Mapping[str, Array]) -> float:
    """Returns the Euclidean norm of all `arrays` together, summed in binary64 in the order of names."""
    flat = (np.asarray(arrays[name], np.float64).reshape(-1) for name in sorted(arrays))
    return math.sqrt(math.fsum(float(values @ values) for values in flat))
