"""Looks into the outputs that differ: what moved, from step to tensor, and why probably."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from verifier.explain.drawing import partings, tensor_differences
from verifier.explain.findings import Cause
from verifier.explain.trees import explain_trees
from verifier.verdict import ON, UNDER, Explained, Kept

MOST_PAIRS, MOST_FINDINGS, MOST_TENSORS = 3, 10, 24
# From a kept pair to the lines that a replay of its training gives.
Replayer: TypeAlias = Callable[[Kept], list[str]]


def explain_kept(
    kept: Sequence[Kept], causes: Mapping[str, Cause], surroundings: str, replay: Replayer
) -> tuple[Explained, ...]:
    """Returns what moved in the first pairs that are kept; `replay` gives more lines for a pair.

    Where a variation moved it alone, that is the cause (`causes`, by the variation's name); nothing is guessed.
    Else `surroundings`, in which the second build was made, are part of the evidence.

    Where the second is the trace of a beginning alone, only the replay can say more than the row does.

    Raises:
        BadInput: an output cannot be read.
    """
    found = []
    for pair in [pair for pair in kept if pair.steps is None][:MOST_PAIRS]:
        first, second = Path(pair.first), Path(pair.second)
        explanation = explain_trees(first, second, limit=MOST_FINDINGS)
        cause = causes.get(pair.subject.partition(UNDER)[2])
        if cause is None and explanation.cause is not None:
            host = pair.subject.partition(ON)[2]
            where = f"on {host}" if host else surroundings
            evidence = f"{explanation.cause.evidence}; the second build was made {where}"
            cause = replace(explanation.cause, evidence=evidence)
        explained = Explained(
            subject=pair.subject,
            explanation=replace(explanation, cause=cause),
            replayed=tuple(replay(pair)),
            tensors=tensor_differences(first, second, MOST_TENSORS),
            partings=partings(first, second),
        )
        found.append(explained)
    return tuple(found)
