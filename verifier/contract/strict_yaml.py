"""YAML that says one thing: no key twice, no anchors, no tags, numbers in decimals; every fault with its line."""

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from yaml.reader import ReaderError

from verifier.contract.files import read_plain
from verifier.errors import BadInput
from verifier.explain.bounded import shortened

MOST_BYTES = 1 << 20
# YAML 1.1 reads 010 as eight, 1:30 as ninety, 1_000 as a thousand.
WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)?\.[0-9]*(?:[eE][-+][0-9]+)?")
SURROGATE = re.compile("[\ud800-\udfff]")
PREFIX = "tag:yaml.org,2002:"
PLAIN = {"str", "int", "float", "bool", "null", "seq", "map"}


class Faulty(BadInput):
    """A fault in a file: `fault` is the sentence without file and line; `line` is None where it is in no one."""

    def __init__(self, path: Path, line: int | None, fault: str, *, advice: str) -> None:
        super().__init__(f"{path}{'' if line is None else f', line {line}'}: {fault}", advice=advice)
        self.line = line
        self.fault = fault


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A YAML file: its value, and the nodes that know on which line each part of it begins.

    `sha256` (hex) is that of the bytes that were read.
    """

    path: Path
    value: object
    root: yaml.Node | None
    advice: str
    sha256: str

    def line(self, place: Sequence[str | int]) -> int:
        """Returns the line of a part, named by keys and indices; of what is missing, that of what is around."""
        node, line = self.root, self.root.start_mark.line if self.root else 0
        for step in place:
            if isinstance(node, yaml.MappingNode):
                key, node = next(((k, v) for k, v in node.value if k.value == step), (None, None))
                line = key.start_mark.line if key else line
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line
        return line + 1

    def bad(self, sentence: str, *place: str | int) -> Faulty:
        """Returns the error for a part."""
        return _bad(self.path, self.line(place), sentence, self.advice)


def read_yaml(path: Path, *, advice: str) -> Marked:
    """Reads a plain file of at most 1 MiB that holds one YAML document in UTF-8.

    Raises:
        BadInput: it is no such file, or says something that could be read in two ways.
    """
    content = read_plain(path, MOST_BYTES, advice=advice)
    try:
        loader = _Loader(content.decode("utf-8"))
        root = loader.get_single_node()
        value: object = None if root is None else loader.construct_document(root)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _bad(path, line, "it is not UTF-8", advice) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _bad(path, mark.line + 1 if mark else None, _problem(error), advice) from error
    except ReaderError as error:
        line = content.decode("utf-8").count("\n", 0, error.position) + 1
        raise _bad(path, line, "it holds a character that YAML forbids", advice) from error
    except (ValueError, OverflowError) as error:  # PyYAML asks chr() for \U00110000
        raise _bad(path, loader.line + 1, "an escape stands for no character", advice) from error
    except RecursionError as error:
        raise _bad(path, None, "it is nested too deeply", advice) from error
    return Marked(
        path=path, value=value, root=root, advice=advice, sha256=hashlib.sha256(content).hexdigest()
    )


def _bad(path: Path, line: int | None, sentence: str, advice: str) -> Faulty:
    return Faulty(path, line, sentence, advice=advice)


def _problem(error: yaml.MarkedYAMLError) -> str:
    if error.context == "expected a single document in the stream":
        return "a second document begins; one file holds one"
    said = f"{error.context}, {error.problem}" if error.context else f"{error.problem}"
    return said if isinstance(error, _Refusal) else f"this is not YAML: {said}"


class _Refusal(yaml.MarkedYAMLError):
    """What is YAML, and not taken here."""


def _refuse(sentence: str, mark: yaml.Mark) -> _Refusal:
    return _Refusal(None, None, sentence, mark)


class StrictComposer(yaml.composer.Composer):
    """Makes nodes of a parser's events, and refuses while they are made, before any value is."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuses anchors, aliases and tags."""
        event = self.peek_event()  # type: ignore[attr-defined]  # of the parser that it is mixed with
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _refuse("anchors and aliases are not taken; write the value out", event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise _refuse("tags are not taken; write the plain value", event.start_mark)
        return super().compose_node(parent, index)

    def compose_scalar_node(self, anchor: dict[object, yaml.Node]) -> yaml.ScalarNode:
        """Refuses what is read otherwise than it looks."""
        node = super().compose_scalar_node(anchor)
        kind, text = node.tag.removeprefix(PREFIX), shortened(node.value, 40)
        if SURROGATE.search(node.value):
            raise _refuse("half a character is no text; write the whole one", node.start_mark)
        if kind == "merge":
            raise _refuse("merge keys are not taken; write the keys out", node.start_mark)
        if kind not in PLAIN:
            raise _refuse(f"{text} is not taken for text; put it in quotes", node.start_mark)
        if kind == "float" and not _is_finite(node.value):
            raise _refuse(f"{text} is not finite, and nothing compares with it", node.start_mark)
        form = {"int": WHOLE, "float": DECIMAL}.get(kind)
        if form and not form.fullmatch(node.value):
            raise _refuse(f"{text} is no number in plain decimals", node.start_mark)
        return node

    def compose_mapping_node(self, anchor: dict[object, yaml.Node]) -> yaml.MappingNode:
        """Refuses a key that is given twice, or is no text."""
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if key.tag != f"{PREFIX}str":
                raise _refuse("a key is no text; put it in quotes", key.start_mark)
            if key.value in seen:
                raise _refuse(f"the key {shortened(key.value, 40)!r} is given twice", key.start_mark)
            seen.add(key.value)
        return node


class _Loader(StrictComposer, yaml.SafeLoader):
    """PyYAML's safe loader with these refusals."""


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text.replace("_", "")))
    except ValueError:  # .nan, .inf, or a number to the base of sixty, which the next rule refuses
        return ":" in text
