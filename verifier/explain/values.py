"""Two values as JSON or YAML have them: paths such as `$.metrics[3].value` of what differs."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from verifier.explain.bounded import around, counted
from verifier.explain.findings import Fact
from verifier.explain.wording import facts_of_texts, like_rounding

PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
KINDS = {
    dict: "an object",
    list: "an array",
    str: "text",
    bool: "a truth value",
    int: "a number",
    float: "a number",
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One place in which two values differ."""

    place: str
    sentence: str
    facts: frozenset[Fact]


Waiting: TypeAlias = tuple[str, object, object]


def value_differences(first: object, second: object) -> Iterator[Difference]:
    """Yields every place in which two values differ, in the order of the first.

    Not recursive. The values must be trees: an object in two places is compared twice.
    """
    # What is still to be said or compared, last first.
    waiting: list[Difference | Waiting] = [("$", first, second)]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Difference):
            yield item
        else:
            waiting += reversed(list(_one(*item)))


def _one(place: str, a: object, b: object) -> Iterator[Difference | Waiting]:
    if isinstance(a, dict) and isinstance(b, dict):
        yield from _in_objects(place, a, b)
    elif isinstance(a, list) and isinstance(b, list):
        yield from _in_arrays(place, a, b)
    elif type(a) is not type(b) or repr(a) != repr(b):
        yield _of_leaves(place, a, b)


def _in_objects(
    place: str, a: dict[object, object], b: dict[object, object]
) -> Iterator[Difference | Waiting]:
    for key in a | b:
        inner = f"{place}.{key}" if PLAIN_KEY.fullmatch(str(key)) else f"{place}[{json.dumps(str(key))}]"
        if key in a and key in b:
            yield inner, a[key], b[key]
        else:
            value, where = (a[key], "first") if key in a else (b[key], "second")
            yield _difference(inner, f"{_shown(value)} in the {where} only", Fact.PRESENCE)
    if a.keys() == b.keys() and list(a) != list(b):
        yield _difference(place, f"the same {counted(len(a), 'key')} in another order", Fact.ORDER)


def _in_arrays(place: str, a: list[object], b: list[object]) -> Iterator[Difference | Waiting]:
    items = [_text(item) for item in a if _flat(item)], [_text(item) for item in b if _flat(item)]
    if len(items[0]) == len(a) and items[0] != items[1] and Counter(items[0]) == Counter(items[1]):
        at = next(i for i, (left, right) in enumerate(zip(*items, strict=True)) if left != right)
        sentence = f"the same {counted(len(a), 'item')} in another order, from item {at} on"
        yield _difference(place, sentence, Fact.ORDER)
        return
    for index, (left, right) in enumerate(zip(a, b, strict=False)):
        yield f"{place}[{index}]", left, right
    if len(a) != len(b):
        sentence = f"{counted(len(a), 'item')} in the first, {len(b):,} in the second"
        yield _difference(place, sentence, Fact.PRESENCE)


def _flat(value: object) -> bool:
    """Returns whether a value is a leaf or holds leaves alone; deeper ones are never looked at as a whole."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return not any(isinstance(item, (dict, list)) for item in inner)


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True) if isinstance(value, (dict, list)) else repr(value)


def _of_leaves(place: str, a: object, b: object) -> Difference:
    if isinstance(a, str) and isinstance(b, str):
        left, right = around(a, b)
        return Difference(
            place=place,
            sentence=f"{left!r} in the first, {right!r} in the second",
            facts=facts_of_texts(a, b),
        )
    sentence = f"{_shown(a)} in the first, {_shown(b)} in the second"
    if not (_number(a) and _number(b)):
        return _difference(place, sentence, Fact.VALUES)
    known = facts_of_texts(repr(a), repr(b))
    if Fact.CLOCK in known:
        return _difference(place, sentence, Fact.CLOCK)
    near = isinstance(a, float) and isinstance(b, float) and like_rounding(a, b)
    words = ": looks like rounding" if near else ""
    return _difference(place, sentence + words, Fact.ROUNDING if near else Fact.VALUES)


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _shown(value: object) -> str:
    if isinstance(value, (dict, list)):
        return f"{KINDS[type(value)]} of {len(value):,}"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
    return around(text, text)[0] if value is not None else "null"


def _difference(place: str, sentence: str, *facts: Fact) -> Difference:
    return Difference(place=place, sentence=sentence, facts=frozenset(facts))
