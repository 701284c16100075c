"""Whether every licence in a bill of materials is one that a tier allows.

Of an SPDX expression one side of OR must be allowed, and both of AND; what has an exception behind WITH is allowed
by its whole name. What Debian or a package states in words of its own is allowed by these very words.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import cast

from boolean.boolean import Expression, Symbol
from license_expression import OR, ExpressionError, Licensing, get_spdx_licensing

Json = Mapping[str, object]
# A hostile expression is long; none of those we have seen is.
LONGEST = 2000
# What the library raises of what is no expression; some of it, as of `( OR MIT`, by mistake.
BROKEN = (ExpressionError, RecursionError, AssertionError, LookupError, AttributeError, TypeError, ValueError)


def licence_faults(bom: Json, allowed: Sequence[str]) -> list[str]:
    """Returns a sentence for each component of a CycloneDX bill whose licence is not allowed, or not stated."""
    parsed = (_parsed(word) for word in allowed)  # GPL-2.0+ is GPL-2.0-or-later
    words = frozenset(allowed) | {str(one) for one in parsed if one is not None}
    components = cast(Sequence[Json], bom.get("components", []))
    return [
        f"{component.get('name')}: {fault}"
        for component in components
        for fault in _faults(cast(Sequence[Json], component.get("licenses") or []), words)
    ]


def licences_in(bom: Json) -> list[str]:
    """Returns all that a policy would have to allow for a bill: parts of expressions, and other words."""
    found: set[str] = set()
    for component in cast(Sequence[Json], bom.get("components", [])):
        for choice in cast(Sequence[Json], component.get("licenses") or []):
            text, parsed = _read(choice)
            found |= {text} if parsed is None else {str(part) for part in parsed.literals}
    return sorted(found)


def is_known(word: str) -> bool:
    """Returns whether a word is an SPDX identifier, or an expression of them."""
    try:
        return not _spdx().unknown_license_keys(word)
    except BROKEN:
        return False


def _faults(choices: Sequence[Json], allowed: frozenset[str]) -> Iterator[str]:
    if not choices:
        yield "no licence is stated"
    for choice in choices:
        text, parsed = _read(choice)
        if not text:
            yield "no licence is stated"
        elif text not in allowed and not (parsed is not None and _allows(parsed, allowed)):
            yield f"its licence is {text[:100]!r}"


def _read(choice: Json) -> tuple[str, Expression | None]:
    """Returns what is stated, and the expression that it is, if it is one."""
    licence = choice.get("license")
    stated = licence if isinstance(licence, dict) else {}
    text = str(choice.get("expression") or stated.get("id") or stated.get("name") or "")
    return text, None if "name" in stated else _parsed(text)


@cache
def _spdx() -> Licensing:
    return get_spdx_licensing()


def _parsed(text: str) -> Expression | None:
    if len(text) > LONGEST:
        return None
    try:
        return _spdx().parse(text)
    except BROKEN:
        return None


def _allows(part: Expression, allowed: frozenset[str]) -> bool:
    if isinstance(part, Symbol):
        return str(part) in allowed
    sides = [_allows(side, allowed) for side in part.args]
    return any(sides) if isinstance(part, OR) else all(sides)
