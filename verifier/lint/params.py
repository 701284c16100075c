"""A params.yaml, held against what every step holds it against before its script runs.

1. It is YAML with no key twice, and nothing in it that JSON has no word for.
2. It matches the schema of all params.yaml.
3. `device` and `threads` read the same to Nix, which reads no YAML (builder/params.nix).
4. `hyperparameters` match the model's own schema, which lies beside it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import yaml

from verifier.contract.files import read_plain
from verifier.contract.strict_yaml import MOST_BYTES, PREFIX, Faulty, Marked
from verifier.errors import BadInput
from verifier.explain.bounded import shortened
from verifier.lint.files import SCHEMA
from verifier.lint.findings import Finding, finding_of
from verifier.lint.quick import PlainLoader, fits_text, loaded
from verifier.lint.schemas import BUILDER, mismatch_at, of_file, of_text
from verifier.quick_schemas import fits
from verifier.release.params import FAULTS, unfit

ADVICE = "The format is in docs/reference/model.md."
OWN_SCHEMA = BUILDER / "runtime" / "schemas" / "params.schema.json"
# What Nix takes for the keys that it needs, and what it takes without them.
TO_NIX = {"device": "cpu", "threads": "1"}
HYPERPARAMETERS = "hyperparameters"
WHOLE = ("seed", "threads")
NO_JSON = {
    "timestamp": "a date",
    "binary": "bytes",
    "set": "a set",
    "omap": "an ordered map",
    "pairs": "pairs",
}


def params_findings(path: Path) -> list[Finding]:
    """Returns the first fault of the file, and of the schema beside it."""
    try:
        marked = _read(path)
        _hold(marked)
        _refuse_other_reading(marked)
        return list(_beside(marked))
    except BadInput as error:
        return [finding_of(error, path)]


def _read(path: Path) -> Marked:
    try:
        text = read_plain(path, MOST_BYTES, advice=ADVICE).decode("utf-8")
        root, value = loaded(PlainLoader(text))
    except UnicodeDecodeError as error:
        raise Faulty(path, None, "it is not UTF-8", advice=ADVICE) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = f"this is not YAML: {error.problem or error.context}"
        raise Faulty(path, mark.line + 1 if mark else None, said, advice=ADVICE) from error
    except FAULTS as error:
        said = " ".join(str(error).split())
        raise Faulty(path, None, f"a value cannot be read: {shortened(said, 160)}", advice=ADVICE) from error
    for fault, node in _faults(root):
        raise Faulty(path, node.start_mark.line + 1, fault, advice=ADVICE)
    marked = Marked(path=path, value=value, root=root, advice=ADVICE, sha256="")
    wrong = unfit(value)
    if wrong is not None or not isinstance(value, dict):
        raise marked.bad(f"it holds {wrong or 'no parameters'}")
    return marked


def _faults(root: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    """Yields what no schema sees, with the node that shows its line; aliases may lead in a circle."""
    waiting, seen = [root] if root else [], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        kind = NO_JSON.get(node.tag.removeprefix(PREFIX))
        if kind:
            yield f"this is read as {kind}, which JSON has no word for; put it in quotes", node
        if isinstance(node, yaml.SequenceNode):
            waiting += reversed(node.value)
        elif isinstance(node, yaml.MappingNode):
            yield from _keys_twice(node)
            waiting += reversed([value for _, value in node.value])


def _keys_twice(node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node]]:
    keys: set[str] = set()
    for key, _ in node.value:
        if key.tag == f"{PREFIX}merge":
            continue
        if key.tag != f"{PREFIX}str":
            yield "a key is no text; put it in quotes", key
        elif key.value in keys:
            yield f"the key {shortened(key.value, 40)!r} is given twice", key
        keys.add(str(key.value))


def _hold(marked: Marked) -> None:
    wrong = None if fits(marked.value, OWN_SCHEMA) else mismatch_at(marked.value, of_file(OWN_SCHEMA))
    if wrong is not None:
        raise marked.bad(wrong[1], *wrong[0])
    for key in WHOLE:
        found = cast(dict[str, object], marked.value).get(key)
        if isinstance(found, float):  # which JSON Schema takes for an integer where it is whole
            raise marked.bad(f"{key} must be of type integer, found {found}", key)


def _refuse_other_reading(marked: Marked) -> None:
    """Returns if Nix finds the same: it looks for `key: word` on a line of its own."""
    lines = marked.path.read_bytes().decode("utf-8").split("\n")
    for key, default in TO_NIX.items():
        form = re.compile(rf"{key}:[ \t]+[\"']?([A-Za-z0-9]+)[\"']?[ \t]*(#.*)?\r?")
        found = next((match[1] for match in map(form.fullmatch, lines) if match), default)
        said = str(cast(dict[str, object], marked.value).get(key, default))
        if found != said:
            what = f"{key!r} is {said}, and Nix reads {found}: write it on a line of its own, once"
            raise marked.bad(what, key)


def _beside(marked: Marked) -> Iterator[Finding]:
    """Yields what is wrong with the model's own schema, or else with its hyperparameters."""
    schema = marked.path.with_name(SCHEMA)
    if not schema.exists():
        return
    value = cast(dict[str, object], marked.value).get(HYPERPARAMETERS, {})
    try:
        text = read_plain(schema, MOST_BYTES, advice=ADVICE).decode("utf-8")
        right = fits_text(value, text)
        wrong = None if right else mismatch_at(value, of_text(text), (HYPERPARAMETERS,))
    except UnicodeDecodeError:
        yield Finding(file=schema, line=1, sentence="it is not UTF-8", advice=ADVICE)
    except BadInput as error:
        yield finding_of(error, schema)
    else:
        if wrong is not None:
            yield finding_of(marked.bad(wrong[1], *wrong[0]), marked.path)
