"""YAML in which every key is text, and none is given twice, since the last one would win silently."""

from collections.abc import Hashable

import yaml


class StrictLoader(yaml.SafeLoader):
    """PyYAML's safe loader, which refuses a mapping that gives a key twice, or one that is no text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        """Returns the mapping.

        Raises:
            yaml.YAMLError: a key is given twice.
        """
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise _refusal(f"key {key!r} is given twice", node)
            if not isinstance(key, str):
                raise _refusal(f"key {key!r} is no text; put it in quotes", node)
        return super().construct_mapping(node, deep)


def _refusal(what: str, node: yaml.Node) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, what, node.start_mark)


def load(text: str) -> object:
    """Parses one YAML document.

    Raises:
        yaml.YAMLError: it is none, or gives a key twice.
    """
    try:
        return yaml.load(text, StrictLoader)
    # What PyYAML's constructors let through for a scalar that is not what it looks like, such as 2026-13-01.
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise yaml.YAMLError(f"a value cannot be read: {error}") from error
