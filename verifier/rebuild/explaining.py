"""Looks into the outputs that differ: what moved, from step to tensor, and why probably."""

from collections.abc import Callable, Sequence
from pathlib import Path

from verifier.explain.trees import explain_trees
from verifier.verdict import Explained, Kept

MOST_PAIRS, MOST_FINDINGS = 3, 10


def explain_kept(kept: Sequence[Kept], replay: Callable[[Kept], list[str]]) -> tuple[Explained, ...]:
    """Returns what moved in the first pairs that are kept; `replay` gives more lines for a pair.

    Where the second is the trace of a beginning alone, only the replay can say more than the row does.

    Raises:
        BadInput: an output cannot be read.
    """
    whole = [pair for pair in kept if pair.steps is None][:MOST_PAIRS]
    return tuple(
        Explained(
            subject=pair.subject,
            explanation=explain_trees(Path(pair.first), Path(pair.second), limit=MOST_FINDINGS),
            replayed=tuple(replay(pair)),
        )
        for pair in whole
    )
