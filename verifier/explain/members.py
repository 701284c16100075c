"""Two archives as lists of members: names, order, times, modes; then each one's content, like a file's."""

import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from verifier.compare import CHUNK_BYTES, Pair, first_difference
from verifier.explain.bounded import counted
from verifier.explain.findings import Context, Fact, Finding, OtherKind, found

DEEPEST = 4
MOST_MEMBERS = 10_000


class Source(Protocol):
    """What a member's content is read from, some at a time."""

    def read(self, size: int = -1, /) -> bytes:
        """Reads up to `size` bytes; none at the end."""

    def close(self) -> None:
        """Gives back what reading took."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """One member: what an archive says of it, and how to read it; `content` is None where there is none.

    `properties` are what counts beside the content, by name: its value and what a difference in it shows.
    """

    name: str
    properties: dict[str, tuple[str, Fact | None]] = field(default_factory=dict)
    content: Callable[[], Source] | None = None


def explain_members(
    pair: Pair, first: Sequence[Member], second: Sequence[Member], context: Context
) -> Iterator[Finding]:
    """Yields how two lists of members differ, then how the members of one name do.

    Who reads the lists may stop after one more than `MOST_MEMBERS`.

    Raises:
        OtherKind: the content of a member cannot be read.
    """
    a, b = _by_name(first), _by_name(second)
    if max(len(first), len(second)) > MOST_MEMBERS:
        yield found(pair, "", f"the first {MOST_MEMBERS:,} members are compared, and no more")
    for key in a | b:
        if key not in a or key not in b:
            where = "second" if key not in a else "first"
            yield found(pair, f"member {key[0]!r}", f"in the {where} only", Fact.PRESENCE)
    if list(a) != list(b) and a.keys() == b.keys():
        at = next(left for left, right in zip(a, b, strict=True) if left != right)
        sentence = f"the same {counted(len(a), 'member')} in another order, from {at[0]!r} on"
        yield found(pair, "", sentence, Fact.ORDER)
    yield from _properties(pair, [(a[key], b[key]) for key in a if key in b])
    for key in a:
        if key in b:
            yield from _content(pair, a[key], b[key], context)


def _by_name(members: Sequence[Member]) -> dict[tuple[str, int], Member]:
    """Returns the members by name; one that is there twice by its number too."""
    seen: Counter[str] = Counter()
    named = {}
    for member in members[:MOST_MEMBERS]:
        named[member.name, seen[member.name]] = member
        seen[member.name] += 1
    return named


def _properties(pair: Pair, members: Sequence[tuple[Member, Member]]) -> Iterator[Finding]:
    """Yields a finding for each property that differs, with the first member and how many others."""
    differing: dict[str, list[tuple[Member, Member]]] = {}
    for a, b in members:
        for name in a.properties | b.properties:
            if a.properties.get(name) != b.properties.get(name):
                differing.setdefault(name, []).append((a, b))
    for name, both in differing.items():
        a, b = both[0]
        values = [member.properties.get(name, ("nothing", None)) for member in (a, b)]
        others = f"; likewise of {counted(len(both) - 1, 'other member')}" if len(both) > 1 else ""
        facts = {fact for _, fact in values if fact is not None}
        sentence = f"{name}: {values[0][0]} in the first, {values[1][0]} in the second{others}"
        yield found(pair, f"member {a.name!r}" if a.name else "", sentence, *facts)


def _content(pair: Pair, a: Member, b: Member, context: Context) -> Iterator[Finding]:
    if a.content is None or b.content is None:
        return
    with tempfile.TemporaryDirectory(prefix="samebits-") as folder:
        inner = Pair(
            first=unpack(a.content, Path(folder) / "first", context),
            second=unpack(b.content, Path(folder) / "second", context),
            name=f"{pair.name}!{a.name}",
        )
        if first_difference(inner.first, inner.second) is None:
            return
        if context.depth >= DEEPEST:
            raise OtherKind(f"archives in archives are opened {DEEPEST} deep")
        yield from context.inner(inner, replace(context, depth=context.depth + 1))


def unpack(content: Callable[[], Source], target: Path, context: Context) -> Path:
    """Writes what a member holds to a file, as far as the allowance goes, and returns the file.

    Raises:
        OtherKind: it is more than that, or more than the disk has.
    """
    with contextlib.closing(content()) as source, target.open("wb") as file:
        while chunk := source.read(CHUNK_BYTES):
            context.allowance.take(len(chunk))
            if shutil.disk_usage(target.parent).free < 2 * len(chunk):
                raise OtherKind("the disk has no room to unpack it")
            file.write(chunk)
    return target
