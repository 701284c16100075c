"""Trains again up to where two trainings parted, with all tensors noted at every step of the window in question.

1. The two traces say after which noted step the tensors were still equal, and when something no longer was.
2. If steps lie between, both trainings are run again up to there, and the tensors of each are noted.
3. The first step and the first tensor that differ are named from these two traces.
"""

import itertools
import re
from pathlib import Path

from verifier.errors import BadInput, VerifierError
from verifier.explain.bisection import first_parting
from verifier.explain.findings import OtherKind
from verifier.rebuild.trials import Bench, build_replays
from verifier.rebuild.variations import Choice
from verifier.trace import STEPS, count_steps, find_trace, noted_tensors, prefix_differences


def replay(name: str, first: Path, second: Path, choice: Choice, bench: Bench) -> list[str]:
    """Returns lines that say where the training in `second`, run under the variation `name`, left that in `first`.

    There are none where the traces say it already, or where there are none.
    """
    try:
        window = suspect_window(first, second)
    except (BadInput, OtherKind):
        return []
    if len(window) < 2:
        return []
    what = f"replayed from step {window[0]} to {window[-1]}"
    try:
        a, b = build_replays(choice.replays(["", name], window), bench)
        lines = sorted(prefix_differences(a, b, window[-1]), key=_step)
    except VerifierError as error:
        return [f"{what}: not checked: {error.sentence}"]
    return [f"{what}: {line}" for line in lines] or [f"{what}: the two are equal this time"]


def _step(line: str) -> int:
    """Returns the training step that a line names; of those without one, one beyond all."""
    named = re.search(r"step (\d+)", line)
    return int(named[1]) if named else 10**10


def suspect_window(first: Path, second: Path) -> range:
    """Returns the training steps in one of which two trainings parted, those after the last equal digests.

    It ends with the first step whose line or whose digests differ, and is empty where nothing differs.

    Raises:
        BadInput: one of them has no trace, or a damaged one.
        OtherKind: the steps are no lines of one length.
    """
    a, b = find_trace(first), find_trace(second)
    parting = first_parting(a / STEPS, b / STEPS)
    end = parting.step if parting else min(count_steps(a), count_steps(b))
    equal, running = -1, -1
    for left, right in itertools.zip_longest(noted_tensors(a, end), noted_tensors(b, end)):
        step = int(str((left or right or {})["step"]))
        if step != running:  # all tensors of the step before are equal
            equal, running = running, step
        if left != right:
            return range(equal + 1, min(step, end) + 1)
    return range(running + 1, end + 1) if parting else range(0)
