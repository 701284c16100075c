"""Two pickles, by their opcodes. They are never loaded: a pickle is a program that runs when it is."""

import itertools
import pickletools
from collections.abc import Iterator
from typing import TypeAlias

from verifier.compare import Pair
from verifier.explain.bounded import Bounded, around
from verifier.explain.findings import Context, Fact, Finding, OtherKind, found
from verifier.explain.wording import facts_of_texts

Opcode: TypeAlias = tuple[str, object, int | None]
# What pickletools raises on bytes that are no pickle.
BROKEN = (ValueError, OverflowError, MemoryError, IndexError, KeyError, TypeError, NotImplementedError)


def explain_pickle(pair: Pair, _context: Context) -> Iterator[Finding]:
    """Yields the first opcode that differs.

    Raises:
        OtherKind: one of the two is no pickle up to there.
    """
    with Bounded(pair.first) as a, Bounded(pair.second) as b:
        for number, (left, right) in enumerate(itertools.zip_longest(_opcodes(a), _opcodes(b)), start=1):
            if left is None or right is None or left[:2] != right[:2]:
                yield _finding(pair, number, left, right)
                return
        rest = a.size - a.tell(), b.size - b.tell()
    raise OtherKind(f"the opcodes are the same; behind them are {rest[0]:,} and {rest[1]:,} bytes")


def _opcodes(file: Bounded) -> Iterator[Opcode]:
    try:
        for opcode, argument, position in pickletools.genops(file):  # type: ignore[arg-type]
            yield opcode.name, argument, position
    except BROKEN as error:
        raise OtherKind(f"not read as a pickle: {error}") from error


def _finding(pair: Pair, number: int, left: Opcode | None, right: Opcode | None) -> Finding:
    texts = around(_argument(left), _argument(right))
    names = ["nothing" if opcode is None else opcode[0] for opcode in (left, right)]
    said = [f"{name} {text}".rstrip() for name, text in zip(names, texts, strict=True)]
    position = next(opcode[2] for opcode in (left, right) if opcode is not None)
    sentence = f"{said[0]} in the first, {said[1]} in the second"
    both = left is not None and right is not None and left[0] == right[0]
    facts = facts_of_texts(_argument(left), _argument(right)) if both else frozenset({Fact.VALUES})
    return found(pair, f"opcode {number:,} at byte {position:,}", sentence, *facts)


def _argument(opcode: Opcode | None) -> str:
    return "" if opcode is None or opcode[1] is None else repr(opcode[1])
