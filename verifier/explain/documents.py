"""Two JSON or YAML files, by their values; where these are equal, by their text."""

from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from verifier.compare import Pair
from verifier.explain.findings import Context, Finding, OtherKind, found
from verifier.explain.texts import explain_text
from verifier.explain.values import value_differences
from verifier.schemas import parse_json

# PyYAML reads some 100 kB a second.
LARGEST = {"JSON": 16 << 20, "YAML": 512 << 10}


def explain_json(pair: Pair, context: Context) -> Iterator[Finding]:
    """Yields every place in which two JSON files differ.

    Raises:
        OtherKind: one of the two is too large, no JSON, or gives a key twice.
    """
    yield from _explain(pair, context, "JSON", parse_json)


def explain_yaml(pair: Pair, context: Context) -> Iterator[Finding]:
    """Yields every place in which two YAML files differ; all values are taken as text.

    Raises:
        OtherKind: one of the two is too large, no YAML, or has aliases.
    """
    yield from _explain(pair, context, "YAML", parse_yaml)


def _explain(pair: Pair, context: Context, kind: str, parse: Callable[[str], object]) -> Iterator[Finding]:
    values = [_read(path, kind, parse) for path in (pair.first, pair.second)]
    differs = False
    for difference in value_differences(*values):
        differs = True
        yield found(pair, difference.place, difference.sentence, *difference.facts)
    if not differs:
        yield found(pair, "", f"the same values in {kind}, written otherwise")
        yield from explain_text(pair, context)


def _read(path: Path, kind: str, parse: Callable[[str], object]) -> object:
    if path.stat().st_size > LARGEST[kind]:
        raise OtherKind(f"it is larger than the {LARGEST[kind]:,} bytes that are read as {kind}")
    try:
        return parse(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise OtherKind(f"it is no {kind}: {str(error).splitlines()[0][:200]}") from error


class _Plain(yaml.BaseLoader):
    """Takes every value as text, and no aliases: a few lines of them can stand for more than fits in memory."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not followed")
        return super().compose_node(parent, index)


def parse_yaml(text: str) -> object:
    """Parses YAML; every value that is no list and no mapping is text.

    Raises:
        ValueError: it is no YAML, or has aliases.
    """
    try:
        value: object = yaml.load(text, Loader=_Plain)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except (yaml.YAMLError, TypeError) as error:  # TypeError of a key that cannot be one
        raise ValueError(str(error) or "it cannot be read") from error
    return value
