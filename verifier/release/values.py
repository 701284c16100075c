"""Nested values as a table of leaves, and numbers as they are written; not recursive, however deep it goes."""

import json
import re
from typing import cast

PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def flat(value: object) -> dict[str, str]:
    """Returns the leaves of a JSON object as JSON, by path: `hyperparameters.layers[0]` is `"64"`.

    Two objects have the same table only if they are the same, but for the order of keys.
    """
    leaves: dict[str, str] = {}
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        place, item = waiting.pop()
        inner = _inside(place, item)
        if inner:
            waiting += reversed(inner)
        elif item is not value:  # an empty object or list inside is a leaf too
            leaves[place] = json.dumps(item, ensure_ascii=False)
    return leaves


def _inside(place: str, item: object) -> list[tuple[str, object]]:
    if isinstance(item, dict):
        return [(_below(place, key), inner) for key, inner in cast(dict[str, object], item).items()]
    if isinstance(item, list):
        return [(f"{place}[{number}]", inner) for number, inner in enumerate(cast(list[object], item))]
    return []


def _below(place: str, key: str) -> str:
    if not PLAIN_KEY.fullmatch(key):
        return f"{place}[{json.dumps(key, ensure_ascii=False)}]"
    return f"{place}.{key}" if place else key


def difference(before: float, after: float) -> str:
    """Returns by how much a number grew, rounded for people and with its sign."""
    try:
        return f"{after - before:+.3g}"
    except OverflowError:  # integers may be greater than any float
        return "+" if after > before else "-"
