"""Reads a bundle's params.yaml as the builder has read it: typed, and the same in JSON."""

import math
from collections.abc import Hashable
from pathlib import Path

import yaml

from verifier.errors import BadInput

ADVICE = "Build the bundle again."
# Aliases may unfold a few lines into more than memory holds; a person's parameters are far below that.
MOST_VALUES = 100_000
# What PyYAML lets through too, for a scalar that is not what it looks like, such as 2026-13-01.
FAULTS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    yaml.YAMLError,
)


class StrictParams(yaml.SafeLoader):
    """Refuses a mapping that gives a key twice, or one that is no text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        """Returns the mapping.

        Raises:
            yaml.YAMLError: a key is given twice, or is no text.
        """
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        if not all(isinstance(key, str) for key in keys) or len(set(keys)) != len(keys):
            raise yaml.YAMLError("a key is given twice, or is no text")
        return super().construct_mapping(node, deep)


def read_params(path: Path) -> dict[str, object]:
    """Returns the parameters as JSON has them.

    Raises:
        BadInput: they cannot be read, are no mapping, or hold what JSON has no word for.
    """
    try:
        value: object = yaml.load(path.read_text(encoding="utf-8"), StrictParams)
        wrong = unfit(value)
    except (OSError, *FAULTS) as error:
        said = " ".join(str(error).split())
        raise BadInput(f"{path} cannot be read as YAML: {said}", advice=ADVICE) from error
    if wrong is not None or not isinstance(value, dict):
        raise BadInput(f"{path} holds {wrong or 'no parameters'}", advice=ADVICE)
    return value


def _finite(item: object) -> bool:
    return isinstance(item, float) and math.isfinite(item)


def unfit(value: object) -> str | None:
    """Returns what a value holds that JSON does not; or nothing."""
    waiting, count = [value], 0
    while waiting:
        item = waiting.pop()
        count += 1
        if count > MOST_VALUES:
            return f"more than {MOST_VALUES:,} values"
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
        elif not (item is None or isinstance(item, (int, str)) or _finite(item)):
            return f"{item!r}, which JSON has no word for"
    return None
