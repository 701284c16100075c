"""The trace of a training: what was decided, what every step saw and gave, and what the tensors were in between.

Three files below `trace/` in the output of `train`; the format is in docs/reference/trace.md. Every line of
steps.jsonl has the same length and a digest of all lines before it, so that two traces of a million steps are
compared by bisection, without reading them. Memory does not grow with the number of steps.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from builder.runtime.canonical import canonical, digest, readable
from builder.runtime.digests import Tensor, describe
from builder.runtime.failure import Refused

FOLDER, STEPS, TENSORS, DECISIONS = "trace", "steps.jsonl", "tensors.jsonl", "decisions.json"
# 17 significant digits give back every bit of a binary64 number; the widest takes 24 characters.
NUMBER, NONE = "{:24.16e}", "null".rjust(24)
TENSORS_EVERY = 100
MOST_DECISIONS = 1000
DIVERGED = "Lower the learning rate, or clip the gradients."


class Trace:
    """Writes one trace; every method is called in the order of the training."""

    def __init__(
        self,
        folder: Path,
        *,
        tensors_every: int = TENSORS_EVERY,
        dense: range = range(0),
        after: Mapping[str, object] | None = None,
    ) -> None:
        """Begins a trace in the new folder `folder`; after each of the steps `dense` all tensors are noted too.

        `after` is what `state` gave of a trace that this one goes on from; its lines are not written again.

        Raises:
            FileExistsError: the folder is there.
        """
        folder.mkdir()
        self._folder = folder
        self._steps = (folder / STEPS).open("w", encoding="ascii", newline="\n")
        self._tensors = (folder / TENSORS).open("w", encoding="utf-8", newline="\n")
        self._decisions: list[dict[str, object]] = []
        self._decided: set[str] = set()
        self._left_out = 0
        self._tensors_every = tensors_every
        self._dense = dense
        self._chain = "0" * 32
        self.noted: int | None = None  # the step of the last digests
        self.step = 0
        if after is not None:
            self._go_on(after)
        self.begun_at = self.step
        self.decide("trace", {"tensors_every": tensors_every})

    def _go_on(self, after: Mapping[str, object]) -> None:
        self._decisions = cast(list[dict[str, object]], list(cast(list[object], after["decisions"])))
        self._decided = {digest([one["what"], one["value"]]) for one in self._decisions}
        self._left_out, self.step = (int(cast(int, after[key])) for key in ("left_out", "step"))
        self._chain, self.noted = str(after["chain"]), cast(int | None, after["noted"])

    def state(self) -> dict[str, object]:
        """Returns what a trace needs to know that goes on from this one."""
        return {
            **{"step": self.step, "chain": self._chain, "noted": self.noted},
            **{"decisions": self._decisions, "left_out": self._left_out},
        }

    def decide(self, what: str, value: Mapping[str, object]) -> None:
        """Records a decision, such as the optimiser with its settings, where it is first made."""
        known = digest([what, dict(value)])
        if known in self._decided:
            return
        if len(self._decisions) >= MOST_DECISIONS:  # such as a bound that changes with every step
            self._left_out += 1
            return
        self._decided.add(known)
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
        quoted = "null" if batch is None else f'"{batch}"'
        fields = [f'"step":{self.step:10d}', f'"batch":{quoted:>34}']
        fields += [f'"{name}":{NONE if v is None else NUMBER.format(v)}' for name, v in numbers.items()]
        body = ",".join(fields)
        self._chain = hashlib.sha256(f"{self._chain}{body}".encode()).hexdigest()[:32]
        self._steps.write(f'{{{body},"chain":"{self._chain}"}}\n')

    def wants_tensors(self) -> bool:
        """Returns whether a digest of every tensor is due after this step: at 0, powers of two, and intervals."""
        step = self.step
        due = step & (step - 1) == 0 or step % self._tensors_every == 0 or step in self._dense
        return self.noted != step and due

    def tensors(self, named: Iterable[tuple[str, Tensor]]) -> None:
        """Records a digest of every tensor as it is after this step, in the order of names."""
        self.noted = self.step
        for name, tensor in sorted(named, key=lambda pair: pair[0]):
            described = {"step": self.step, "name": name, **describe(tensor)}
            self._tensors.write(canonical(described).decode() + "\n")

    def close(self) -> None:
        """Writes the decisions, which are the sign that the trace is complete."""
        for file in (self._steps, self._tensors):
            file.close()
        document = {"schema": "samebits/trace/v1", "steps": self.step, "chain": self._chain}
        decided = {"decisions": self._decisions, "left_out": self._left_out}
        (self._folder / DECISIONS).write_text(readable({**document, **decided}), encoding="utf-8")
