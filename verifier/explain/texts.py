"""Two texts: the first line that differs, and whether the second has the same lines in another order."""

import codecs
import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from verifier.compare import Pair
from verifier.explain.bounded import around, counted
from verifier.explain.findings import Context, Fact, Finding, OtherKind, found
from verifier.explain.wording import facts_of_texts

LONGEST_LINE = 1 << 16
PROBED_BYTES = 1 << 16
CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b\b")


def explain_text(pair: Pair, _context: Context) -> Iterator[Finding]:
    """Yields the first line that differs, with both, and how many do.

    Raises:
        OtherKind: one of the two is no text in UTF-8.
    """
    for path in (pair.first, pair.second):
        _refuse_binary(path)
    count, number, first = 0, 1, None
    with pair.first.open("rb") as a, pair.second.open("rb") as b:
        for left, right in itertools.zip_longest(_lines(a), _lines(b)):
            if left != right:
                count += 1
                first = first or (number, left, right)
            elif first is None and left is not None:
                number += left.endswith(b"\n")  # a line that is too long comes in pieces
    if first is None:
        return
    more = f"; {counted(count, 'line')} differ" if count > 1 else ""
    if count > 1 and _sum(pair.first) == _sum(pair.second):
        sentence = f"{_both(first)}{more}; the same lines in another order"
        yield found(pair, f"line {first[0]:,}", sentence, Fact.ORDER)
    else:
        yield found(pair, f"line {first[0]:,}", f"{_both(first)}{more}", *_facts(first))


def _refuse_binary(path: Path) -> None:
    with path.open("rb") as file:
        content = file.read(PROBED_BYTES)
    try:
        # The last character may be cut off by the end of what was read, which is not final.
        codecs.getincrementaldecoder("utf-8")().decode(content, final=len(content) < PROBED_BYTES)
    except UnicodeDecodeError as error:
        raise OtherKind("it is no text in UTF-8") from error
    if CONTROL.intersection(content):
        raise OtherKind("it has control characters")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LONGEST_LINE):
        yield line


def _both(first: tuple[int, bytes | None, bytes | None]) -> str:
    _, left, right = first
    if left is None or right is None:
        rest = (left or right or b"").decode("utf-8", "backslashreplace")
        where, other = ("first", "second") if left is None else ("second", "first")
        return f"the {where} ends before it; in the {other} it is {around(rest, rest)[0]!r}"
    texts = around(left.decode("utf-8", "backslashreplace"), right.decode("utf-8", "backslashreplace"))
    return f"{texts[0]!r} in the first, {texts[1]!r} in the second"


def _facts(first: tuple[int, bytes | None, bytes | None]) -> frozenset[Fact]:
    _, left, right = first
    if left is None or right is None:
        return frozenset({Fact.PRESENCE})
    return facts_of_texts(left.decode("utf-8", "replace"), right.decode("utf-8", "replace"))


def _sum(path: Path) -> tuple[int, int]:
    """Returns a sum over all lines that does not depend on their order, and their number."""
    total = count = 0
    with path.open("rb") as file:
        for line in _lines(file):
            digest = hashlib.blake2b(line.removesuffix(b"\n"), digest_size=16).digest()
            total += int.from_bytes(digest, "little")
            count += 1
    return total % (1 << 128), count
