"""Reads traces of trainings (docs/reference/trace.md) and says where two of them part, in constant memory."""

import itertools
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, cast

from verifier.errors import BadInput

STEPS, TENSORS, DECISIONS = "steps.jsonl", "tensors.jsonl", "decisions.json"
# In the order in which they come about: what is read of the data decides the loss, the loss the gradient.
QUANTITIES = ("batch", "learning_rate", "loss", "gradient_norm")
PLACES = (".", "trace", "training/trace")
LONGEST_LINE = 4096
MOST_STEPS = 10**10 - 1  # as many as the width of a line has room for


def find_trace(folder: Path) -> Path:
    """Returns the trace in a bundle, in the output of `train`, or the folder itself.

    Raises:
        BadInput: there is none.
    """
    for place in PLACES:
        if (folder / place / STEPS).is_file():
            return folder / place
    raise BadInput(
        f"{folder} holds no trace", advice="Name a bundle, an output of train, or its folder `trace`."
    )


def count_steps(folder: Path) -> int:
    """Returns how many training steps the trace in `folder` has, from its size; 0 where there is none."""
    try:
        path = find_trace(folder) / STEPS
    except BadInput:
        return 0
    with path.open("rb") as file:
        length = len(file.readline(LONGEST_LINE))
    return path.stat().st_size // length if length else 0


def parting(first: Path, second: Path, offset: int) -> str | None:
    """Returns at which training step two files of steps part, if they are such.

    `offset` is the first byte that differs; all lines have one length, so it gives the step.
    """
    a, b = _line_at(first, offset), _line_at(second, offset)
    if a is None or b is None:
        return None
    if not {"step", *QUANTITIES} <= a.keys() & b.keys() or a["step"] != b["step"]:
        return None
    quantity = next((name for name in QUANTITIES if a[name] != b[name]), None)
    if quantity is None:
        return None
    words = quantity.replace("_", " ")
    return f"step {a['step']}: the {words} is {a[quantity]} in the first, {b[quantity]} in the second"


def _line_at(path: Path, offset: int) -> Mapping[str, object] | None:
    with path.open("rb") as file:
        length = len(file.readline(LONGEST_LINE))
        if length == 0:
            return None
        file.seek(offset // length * length)
        return parsed_line(file.read(length))


def parsed_line(line: bytes) -> Mapping[str, object] | None:
    """Returns the JSON object in a line; None where it is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def prefix_differences(first: Path, second: Path, steps: int) -> list[str]:
    """Returns a line for each way in which the first `steps` training steps of two traces differ.

    Raises:
        BadInput: one of them is shorter, or is no trace.
    """
    a, b = find_trace(first), find_trace(second)
    return [*_in_decisions(a, b, steps), *_in_steps(a, b, steps), *_in_tensors(a, b, steps)]


def _in_steps(a: Path, b: Path, steps: int) -> Iterator[str]:
    with (a / STEPS).open("rb") as left, (b / STEPS).open("rb") as right:
        offset = 0
        for step in range(1, steps + 1):
            lines = left.readline(LONGEST_LINE), right.readline(LONGEST_LINE)
            for folder, line in zip((a, b), lines, strict=True):
                if not line:
                    raise BadInput(
                        f"the trace in {folder} has {step - 1} steps, asked for are {steps}",
                        advice="Ask for fewer.",
                    )
            if lines[0] != lines[1]:
                yield f"{STEPS}: {parting(a / STEPS, b / STEPS, offset) or f'step {step}: other bytes'}"
                return  # what follows is a consequence
            offset += len(lines[0])


def _in_tensors(a: Path, b: Path, steps: int) -> Iterator[str]:
    pairs = itertools.zip_longest(noted_tensors(a, steps), noted_tensors(b, steps))
    for left, right in pairs:
        if left != right:
            one = left or right or {}
            same = (
                left
                and right
                and [left.get(key) == right.get(key) for key in ("step", "name")] == [True, True]
            )
            how = "is the first that differs" if same else "is not noted in both"
            yield f"{TENSORS}: step {one.get('step')}: the tensor {one.get('name')!r} {how}"
            return


def noted_tensors(folder: Path, steps: int) -> Iterator[Mapping[str, object]]:
    """Yields the digests that were taken up to a step."""
    last = 0  # steps never go back
    with _opened(folder / TENSORS) as file:
        while line := file.readline(LONGEST_LINE):
            value = parsed_line(line)
            step = None if value is None else value.get("step")
            if type(step) is not int or not last <= step <= MOST_STEPS:
                raise BadInput(
                    f"{folder / TENSORS} is damaged: a line is no digest", advice="Build it again."
                )
            last = step
            if last > steps:
                return
            yield cast(Mapping[str, object], value)


def _in_decisions(a: Path, b: Path, steps: int) -> Iterator[str]:
    nothing: dict[str, object] = {}
    for left, right in itertools.zip_longest(
        read_decisions(a / DECISIONS, steps), read_decisions(b / DECISIONS, steps), fillvalue=nothing
    ):
        if left != right:
            yield f"{DECISIONS}: the decision {left.get('what') or right.get('what')!r} is another"


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}", advice="Build it again.") from error


def read_decisions(path: Path, steps: float = math.inf) -> list[dict[str, object]]:
    """Returns the decisions that were made before a step was done, or all of them.

    Raises:
        BadInput: there are none, or they are damaged.
    """
    try:
        with _opened(path) as file:
            found = json.loads(file.read())["decisions"]
        early: list[dict[str, object]] = [d for d in found if d["after_step"] < steps]
        fit = all(isinstance(d["what"], str) and isinstance(d["value"], dict) for d in early)
    except (ValueError, KeyError, TypeError, RecursionError, OSError) as error:
        raise BadInput(f"{path} cannot be read: {error}", advice="Build it again.") from error
    if not fit:
        raise BadInput(f"{path} is damaged: a decision has another form", advice="Build it again.")
    return early
