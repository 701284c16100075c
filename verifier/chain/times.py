"""How long chunks should take by the last release, and how long they may."""

import json
from collections.abc import Mapping

from verifier.rebuild.plan import Plan

TRAIN = "train"
# A chunk may take so many times what it should, and an hour in any case; without a release, a day.
TIMES_LONGER, AT_LEAST_SECONDS, UNKNOWN_SECONDS = 20, 3600.0, 86400.0


def piece_seconds(plan: Plan, steps: Mapping[str, float]) -> dict[str, float]:
    """Returns the seconds of each build by its name, those of a chained training dealt out to its chunks.

    `steps` are those of the whole steps, by the names of their builds. What joins the chunks takes no time.
    """
    title = f"{plan.model.name}-{plan.model.version}-{TRAIN}"
    known = dict(steps)
    lengths = _lengths(plan)
    total = sum(lengths.values())
    if not lengths or title not in known:
        return known
    whole = known.pop(title)
    return known | {f"{title}-{number}": whole * length / total for number, length in lengths.items()}


def _lengths(plan: Plan) -> dict[int, int]:
    """Returns how long chunks are in steps; 1 for each where they are equal shares."""
    builds = {build.path: build for build in plan.builds}
    return {
        number: _length(builds[path].environment.get("SAMEBITS_STEP", "")) if path in builds else 1
        for number, path in enumerate(plan.model.chunks, start=1)
    }


def _length(said: str) -> int:
    try:
        chunk = json.loads(said)["chunk"]
        length = chunk["to"] - chunk["from"] + 1
    except (ValueError, KeyError, TypeError, RecursionError):
        return 1
    return length if isinstance(length, int) and length > 0 else 1


def time_limit(asked: float | None, plan: Plan, known: Mapping[str, float]) -> float:
    """Returns how many seconds a worker may have a piece; `known` are those that builds should take."""
    if asked is not None:
        return asked
    of_model = [seconds for name, seconds in known.items() if name.startswith(f"{plan.model.name}-")]
    return max(AT_LEAST_SECONDS, TIMES_LONGER * max(of_model)) if of_model else UNKNOWN_SECONDS
