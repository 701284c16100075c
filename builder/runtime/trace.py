"""The trace of a training: what was decided, what every step saw and gave, and what the tensors were in between.

Three files below `trace/` in the output of `train`; the format is in docs/reference/trace.md. Every line of
steps.jsonl has the same length and a digest of all lines before it, so that two traces of a million steps are
compared by bisection, without reading them. Memory does not grow with the number of steps.
"""

import hashlib
import json
import math
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np

from builder.runtime.canonical import canonical, readable
from builder.runtime.failure import Refused
from builder.runtime.paths import output

FOLDER, STEPS, TENSORS, DECISIONS = "trace", "steps.jsonl", "tensors.jsonl", "decisions.json"
# 17 significant digits give back every bit of a binary64 number; the widest takes 24 characters.
NUMBER, NONE = "{:24.16e}", "null".rjust(24)
TENSORS_EVERY = 100
DIVERGED = "Lower the learning rate, or clip the gradients."


class Tensor(Protocol):
    """What a digest is taken of: a numpy array, or a tensor of torch's."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""

    @property
    def dtype(self) -> object:
        """The type of the elements."""


class Trace:
    """Writes one trace; every method is called in the order of the training."""

    def __init__(
        self, folder: Path, *, tensors_every: int = TENSORS_EVERY, stop_after: int | None = None
    ) -> None:
        folder.mkdir()
        self._folder = folder
        self._steps = (folder / STEPS).open("w", encoding="ascii", newline="\n")
        self._tensors = (folder / TENSORS).open("w", encoding="utf-8", newline="\n")
        self._decisions: list[dict[str, object]] = []
        self._tensors_every = tensors_every
        self._stop_after = stop_after
        self._chain = "0" * 32
        self.noted: int | None = None  # the step of the last digests
        self.step = 0
        self.decide("trace", {"tensors_every": tensors_every})

    def decide(self, what: str, value: Mapping[str, object]) -> None:
        """Records a decision, such as the optimiser with its settings, unless the last of its kind is the same."""
        same = [decision["value"] for decision in self._decisions if decision["what"] == what]
        if not same or same[-1] != value:
            self._decisions.append({"what": what, "after_step": self.step, "value": dict(value)})

    def record(
        self,
        *,
        batch: str | None,
        loss: float | None,
        learning_rate: float | None,
        gradient_norm: float | None,
    ) -> None:
        """Records one training step; `batch` is a digest of 32 hexadecimal digits.

        Raises:
            Refused: the loss or the gradient norm is not finite.
        """
        self.step += 1
        for name, value in (("loss", loss), ("gradient norm", gradient_norm)):
            if value is not None and not math.isfinite(value):
                raise Refused(
                    f"diverged: the {name} is {value} at training step {self.step}", advice=DIVERGED
                )
        numbers = {"loss": loss, "learning_rate": learning_rate, "gradient_norm": gradient_norm}
        digest = "null" if batch is None else f'"{batch}"'
        fields = [f'"step":{self.step:10d}', f'"batch":{digest:>34}']
        fields += [f'"{name}":{NONE if v is None else NUMBER.format(v)}' for name, v in numbers.items()]
        body = ",".join(fields)
        self._chain = hashlib.sha256(f"{self._chain}{body}".encode()).hexdigest()[:32]
        self._steps.write(f'{{{body},"chain":"{self._chain}"}}\n')

    def wants_tensors(self) -> bool:
        """Returns whether a digest of every tensor is due after this step: at 0, powers of two, and intervals."""
        step = self.step
        return self.noted != step and (step & (step - 1) == 0 or step % self._tensors_every == 0)

    def tensors(self, named: Iterable[tuple[str, Tensor]]) -> None:
        """Records a digest of every tensor as it is after this step, in the order of names."""
        self.noted = self.step
        for name, tensor in sorted(named, key=lambda pair: pair[0]):
            described = {"step": self.step, "name": name, **describe(tensor)}
            self._tensors.write(canonical(described).decode() + "\n")

    def finished(self) -> bool:
        """Returns whether the prefix that was asked for is complete."""
        return self._stop_after is not None and self.step >= self._stop_after

    def close(self) -> None:
        """Writes the decisions, which are the sign that the trace is complete."""
        for file in (self._steps, self._tensors):
            file.close()
        document = {"schema": "samebits/trace/v1", "steps": self.step, "chain": self._chain}
        text = readable({**document, "decisions": self._decisions})
        (self._folder / DECISIONS).write_text(text, encoding="utf-8")


def describe(tensor: Tensor) -> dict[str, object]:
    """Returns dtype, shape and the sha256 (64 hex digits) of the elements' bytes in C order."""
    content = hashlib.sha256(content_of(tensor)).hexdigest()
    dtype = str(tensor.dtype).removeprefix("torch.")
    return {"dtype": dtype, "shape": list(tensor.shape), "sha256": content}


def content_of(tensor: Tensor) -> memoryview:
    """Returns the bytes of a tensor's elements in C order."""
    if isinstance(tensor, np.ndarray):
        array = tensor
    else:  # torch's; as bytes, since numpy has no bfloat16
        plain = tensor.detach().cpu().contiguous().reshape(-1)  # type: ignore[attr-defined]
        array = plain.view(sys.modules["torch"].uint8).numpy()
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def digest_of(values: object) -> str:
    """Returns a digest (32 hex digits) of tensors, numbers and texts in tuples, lists and dictionaries."""
    total = hashlib.sha256()

    def add(value: object) -> None:
        if isinstance(value, Mapping):
            for key, item in value.items():
                total.update(repr(key).encode())
                add(item)
        elif isinstance(value, (list, tuple)):
            total.update(f"{len(value)}[".encode())
            for item in value:
                add(item)
        elif hasattr(value, "dtype") and hasattr(value, "shape"):
            total.update(json.dumps([str(value.dtype), list(value.shape)]).encode())
            total.update(content_of(value))
        elif value is None or isinstance(value, (bool, int, float, str, bytes)):
            total.update(repr(value).encode())
        else:
            total.update(type(value).__qualname__.encode())  # its repr may hold an address

    add(values)
    return total.hexdigest()[:32]


_current: list[Trace] = []
_by_hand: list[bool] = []
_at_exit: list[Callable[[], None]] = []


_settings = {"tensors_every": TENSORS_EVERY, "seed": 0}


def configure(*, tensors_every: int, seed: int) -> None:
    """Sets how many training steps lie between two digests of all tensors, and which seed is noted."""
    _settings.update(tensors_every=tensors_every, seed=seed)


def open_trace() -> Trace:
    """Returns the trace of the running training; the first call begins it.

    Where only the first steps are asked for, the launcher says so in SAMEBITS_STOP_AFTER.
    """
    if not _current:
        stop = os.environ.get("SAMEBITS_STOP_AFTER")
        every = _settings["tensors_every"]
        folder = output() / FOLDER
        _current.append(Trace(folder, tensors_every=every, stop_after=int(stop) if stop else None))
        _current[0].decide("seed", {"seed": _settings["seed"]})
    return _current[0]


def begin_by_hand() -> Trace:
    """Returns the trace for a script that records its steps itself; from now on hooks record none."""
    _by_hand.append(True)
    return open_trace()


def written_by_hand() -> bool:
    """Returns whether the script records its steps itself."""
    return bool(_by_hand)


def before_close(action: Callable[[], None]) -> None:
    """Has `action` called once when the script has ended, before the trace is closed."""
    _at_exit.append(action)


def close() -> None:
    """Completes the trace, if one was begun."""
    while _at_exit:
        _at_exit.pop()()
    while _current:
        _current.pop().close()


def stop_if_finished() -> None:
    """Ends the process where a prefix of the training was asked for, and is complete."""
    if _current and _current[0].finished():
        _at_exit.clear()  # the whole trace has no digests at this place either
        close()
        sys.stdout.flush()
        os._exit(0)  # nothing of the script may run after the prefix
