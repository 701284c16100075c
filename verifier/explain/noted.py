"""The other two files of a trace: the digests of tensors, and the decisions."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from verifier.compare import Pair, first_difference
from verifier.errors import BadInput
from verifier.explain.bounded import around, counted
from verifier.explain.findings import Context, Fact, Finding, OtherKind, found
from verifier.explain.values import value_differences
from verifier.trace import DECISIONS, parsed_line, read_decisions

LONGEST_DIGEST, MOST_TENSORS = 1 << 16, 10_000


def explain_noted(pair: Pair, _context: Context) -> Iterator[Finding]:
    """Yields the first tensor whose digest differs, and how many others do after the same step.

    Raises:
        OtherKind: one of the two is damaged.
    """
    offset = first_difference(pair.first, pair.second)
    if offset is None:
        return
    start = _start_of_line(pair.first, offset)
    a, b = _noted(pair.first, start), _noted(pair.second, start)
    step = min(digest_step(notes[0]) for notes in (a, b) if notes)
    left, right = ({str(n["name"]): n for n in notes if n["step"] == step} for notes in (a, b))
    differing = [name for name in left | right if left.get(name) != right.get(name)]
    if not differing:
        raise OtherKind("the digests are equal, but written otherwise")
    one, more = around(differing[0], differing[0])[0], len(differing) - 1
    others = f" and {counted(more, 'other')}" if more else ""
    in_one = differing[0] not in left or differing[0] not in right
    sentence = f"tensor {one!r}{others} {'differ' if more else 'differs'} first" + (
        f"; {one!r} is noted in the {'second' if differing[0] not in left else 'first'} only"
        if in_one
        else ""
    )
    facts = {Fact.NOTED_TENSORS}
    facts |= {Fact.INITIAL} if step == 0 else set()
    facts |= {Fact.SEEDS_AGREE} if _seeds_agree(pair) else set()
    place = f"after step {step:,}" if step else "before the first step"
    yield replace(found(pair, place, sentence, *facts), training_step=step)


def digest_step(note: Mapping[str, object]) -> int:
    """Returns after which step a digest was taken."""
    step = note["step"]
    assert isinstance(step, int)
    return step


def _start_of_line(path: Path, offset: int) -> int:
    start = max(0, offset - LONGEST_DIGEST)
    with path.open("rb") as file:
        file.seek(start)
        before = file.read(offset - start)
    if b"\n" not in before and start:
        raise OtherKind("the trace is damaged: a line is longer than a digest can be")
    return start + before.rfind(b"\n") + 1


def _noted(path: Path, start: int) -> list[Mapping[str, object]]:
    """Returns the digests from a line on that were taken after the same step as the first of them."""
    with path.open("rb") as file:
        file.seek(start)
        return list(itertools.islice(_notes(file), MOST_TENSORS))


def _notes(file: BinaryIO) -> Iterator[Mapping[str, object]]:
    first: object = None
    while line := file.readline(LONGEST_DIGEST):
        note = parsed_line(line)
        if note is None or type(note.get("step")) is not int or not isinstance(note.get("name"), str):
            raise OtherKind("the trace is damaged: a line is no digest of a tensor")
        first = note["step"] if first is None else first
        if note["step"] != first:
            return
        yield note


def _seeds_agree(pair: Pair) -> bool:
    if not all(path.with_name(DECISIONS).is_file() for path in (pair.first, pair.second)):
        return False
    try:
        seeds = [
            [made["value"] for made in read_decisions(path.with_name(DECISIONS)) if made["what"] == "seed"]
            for path in (pair.first, pair.second)
        ]
    except BadInput:
        return False
    return seeds[0] == seeds[1] != []


def explain_decisions(pair: Pair, _context: Context) -> Iterator[Finding]:
    """Yields the decisions that differ.

    Raises:
        OtherKind: one of the two is damaged.
    """
    try:
        made = [read_decisions(path) for path in (pair.first, pair.second)]
    except BadInput as error:
        raise OtherKind(f"the trace is damaged: {error.sentence}") from error
    a, b = (_by_what(decisions) for decisions in made)
    differing = [key for key in a | b if a.get(key) != b.get(key)]
    for key in differing:
        yield _decision(pair, a.get(key), b.get(key))
    if not differing and made[0] != made[1]:
        yield found(pair, "", "the same decisions in another order", Fact.DECISION)
    elif not differing:
        yield found(pair, "", "the decisions are equal; steps, their digest or the form differ")


def _by_what(decisions: list[dict[str, object]]) -> dict[tuple[str, int], dict[str, object]]:
    """Returns decisions by what was decided, and how often that was decided before."""
    seen: Counter[str] = Counter()
    named = {}
    for made in decisions:
        what = str(made["what"])
        named[what, seen[what]] = made
        seen[what] += 1
    return named


def _decision(pair: Pair, a: Mapping[str, object] | None, b: Mapping[str, object] | None) -> Finding:
    one = a or b or {}
    if a is None or b is None:
        sentence, fact = f"in the {'second' if a is None else 'first'} only", Fact.DECISION
    else:
        places = [
            f"{d.place}: {d.sentence}" for d in itertools.islice(value_differences(dict(a), dict(b)), 4)
        ]
        sentence, fact = "; ".join(places), Fact.SEED if one.get("what") == "seed" else Fact.DECISION
    step = one.get("after_step")
    finding = found(pair, f"decision {one.get('what')!r}", sentence, fact)
    return replace(finding, training_step=step if isinstance(step, int) else None)
