"""Says in no time that a file is right; what it does not, is read again by what has the word.

libyaml and jsonschema-rs take a tenth and a hundredth of the time. Where they find no fault there is none; what
they do not take, the slow way reads, whose sentences people know.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

import yaml
from jsonschema_rs import Draft202012Validator
from yaml.composer import Composer

from verifier.contract.strict_yaml import StrictComposer
from verifier.schemas import parse_json

try:
    from yaml import CSafeLoader as Events
except ImportError:  # a PyYAML that was built without libyaml
    from yaml import SafeLoader as Events  # type: ignore[assignment]

# References are followed by each library in its own way.
REFERENCE = "$ref"


class StrictLoader(StrictComposer, Events):
    """Makes strict nodes (contract/strict_yaml.py) of libyaml's events."""

    def __init__(self, text: str) -> None:
        Events.__init__(self, text)
        StrictComposer.__init__(self)


class _Composer(Composer):
    """PyYAML's own, which ends in an error where libyaml's would run out of stack."""


class PlainLoader(_Composer, Events):
    """Makes nodes of libyaml's events."""

    def __init__(self, text: str) -> None:
        Events.__init__(self, text)
        _Composer.__init__(self)


def loaded(loader: PlainLoader | StrictLoader) -> tuple[yaml.Node | None, object]:
    """Returns the one document: its node, and its value.

    Raises:
        yaml.YAMLError: it is none; or another error, where a scalar is not what it looks like.
    """
    root = loader.get_single_node()
    value: object = None if root is None else loader.construct_document(root)
    return root, value


def fits_text(value: object, schema: str) -> bool:
    """Returns whether the text surely is a schema, and the value matches it."""
    return REFERENCE not in schema and _of_text(schema)(value)


@lru_cache(maxsize=64)
def _of_text(text: str) -> Callable[[object], bool]:
    try:
        schema = parse_json(text)
        if isinstance(schema, Mapping):
            return Draft202012Validator(dict(schema), offline=True).is_valid
    except ValueError:
        pass  # the slow way says what is wrong
    return lambda _: False
