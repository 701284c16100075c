"""The steps of two traces: in which they part, and by which quantity."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from verifier.compare import Pair, first_difference
from verifier.explain.bisection import Parting, Steps, first_parting
from verifier.explain.bounded import counted
from verifier.explain.findings import Context, Fact, Finding, OtherKind, found
from verifier.explain.wording import like_rounding
from verifier.trace import QUANTITIES

FACTS = {
    "batch": Fact.BATCH,
    "learning_rate": Fact.LEARNING_RATE,
    "loss": Fact.LOSS,
    "gradient_norm": Fact.GRADIENT,
}
STEPS_LOOKED_AHEAD = 1000


def explain_steps(pair: Pair, _context: Context) -> Iterator[Finding]:
    """Yields the first training step in which two traces part, and the first quantity in it.

    Raises:
        OtherKind: one of the two is damaged.
    """
    parting = first_parting(pair.first, pair.second)
    offset = first_difference(pair.first, pair.second)
    if offset is None:
        return
    with Steps(pair.first) as steps:
        if parting is None or offset // steps.length + 1 != parting.step:
            raise OtherKind(
                f"the trace is damaged: a line differs from byte {offset:,} on, the chain after it does not"
            )
    yield replace(_at(pair, parting), training_step=parting.step)


def _at(pair: Pair, parting: Parting) -> Finding:
    place, earlier = f"step {parting.step:,}", parting.step - 1
    before = (
        f"{_all(earlier)} before {'are' if earlier > 1 else 'is'} equal"
        if earlier
        else "it is the first step"
    )
    if parting.first is None or parting.second is None:
        a, b = parting.counts
        sentence = f"the first has {counted(a, 'step')}, the second {b:,}; {before}"
        return found(pair, place, sentence, Fact.LENGTH)
    left, right = parting.first.fields, parting.second.fields
    differing = [name for name in QUANTITIES if left[name] != right[name]]
    if not differing:
        return found(pair, place, f"the numbers are equal but written otherwise; {before}")
    name, *others = differing
    facts = [FACTS[name]]
    a_value, b_value = left[name], right[name]
    sentence = f"the {_words(name)} is {a_value} in the first, {b_value} in the second"
    if isinstance(a_value, float) and isinstance(b_value, float):
        near = like_rounding(a_value, b_value)
        relative = abs(a_value - b_value) / (max(abs(a_value), abs(b_value)) or 1)
        sentence += f", {relative:.2g} relative: {'looks like rounding' if near else 'other values'}"
        facts.append(Fact.ROUNDING if near else Fact.VALUES)
    elif name != "batch":
        facts.append(Fact.VALUES)
    if others:
        sentence += f"; so {'do' if len(others) > 1 else 'does'} the {' and the '.join(map(_words, others))}"
    if name == "batch":
        elsewhere = _where_else(pair.second, parting.step, a_value)
        sentence += f"; the first's comes at step {elsewhere:,} of the second" if elsewhere else ""
        facts += [Fact.BATCH_ELSEWHERE] if elsewhere else []
        return found(pair, place, f"{sentence}; {before}", *facts)
    return found(pair, place, f"{sentence}; the batch is equal, and {before}", *facts)


def _all(steps: int) -> str:
    return f"all {steps:,} steps" if steps > 1 else "the one step"


def _words(quantity: str) -> str:
    return quantity.replace("_", " ")


def _where_else(path: Path, step: int, batch: object) -> int | None:
    """Returns the next step that has this batch."""
    if batch is None:
        return None
    with Steps(path) as steps:
        ahead = range(step + 1, min(steps.count, step + STEPS_LOOKED_AHEAD) + 1)
        return next((other for other in ahead if steps.line(other).fields["batch"] == batch), None)
