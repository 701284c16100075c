"""A lock, held against its schema, its digest, its name and the request that it was resolved from."""

from pathlib import Path
from typing import cast

import yaml

from verifier.canonical import digest_of
from verifier.contract.files import read_plain
from verifier.contract.strict_yaml import Faulty
from verifier.errors import BadInput
from verifier.lint.files import LOCK
from verifier.lint.findings import Finding, finding_of
from verifier.lint.quick import PlainLoader, loaded
from verifier.lint.schemas import BUILDER, mismatch_at, of_file
from verifier.quick_schemas import fits
from verifier.release.params import FAULTS
from verifier.schemas import parse_json

OWN_SCHEMA = BUILDER / "schemas" / "lock.schema.json"
# A lock of a toolchain with a thousand files has half a megabyte.
MOST_BYTES = 1 << 25
DATA = "data"


def lock_findings(path: Path) -> list[Finding]:
    """Returns the first fault of the file."""
    try:
        _refuse(path)
    except BadInput as error:
        return [finding_of(error, path)]
    return []


def name_of(path: Path) -> str:
    """Returns what a lock is called: data after the model's folder, a toolchain after its file."""
    stem = path.name.removesuffix(LOCK)
    return path.absolute().parent.name if stem == DATA else stem


def _refuse(path: Path) -> None:
    relock = f"Restore it from git, or resolve it from nothing: builder lock --upgrade {name_of(path)}"
    text = read_plain(path, MOST_BYTES, advice=relock).decode("utf-8", "replace")
    try:
        value = parse_json(text)
        wrong = None if fits(value, OWN_SCHEMA) else mismatch_at(value, of_file(OWN_SCHEMA))
    except ValueError as error:
        line = getattr(error, "lineno", None)
        raise Faulty(path, line, f"this is not JSON: {error}", advice=relock) from error
    if wrong is not None:
        raise Faulty(path, _line(text, list(wrong[0])), wrong[1], advice=relock)
    lock = cast(dict[str, object], value)
    if digest_of({key: part for key, part in lock.items() if key != "digest"}) != lock["digest"]:
        what = f"it was edited by hand: its digest does not fit; builder lock --upgrade {name_of(path)}"
        raise Faulty(path, _line(text, ["digest"]), what, advice=relock)
    if lock["name"] != name_of(path):
        what = f"it is the lock of {lock['name']!r}, and lies where that of {name_of(path)!r} does"
        raise Faulty(path, _line(text, ["name"]), what, advice=relock)
    if lock["request"] != _request(path, lock["request"]):
        request = _beside(path).name
        what = f"{request} was changed since it was resolved; builder lock {name_of(path)}"
        raise Faulty(path, _line(text, ["request"]), what, advice=f"Run: builder lock {name_of(path)}")


def _line(text: str, place: list[str | int]) -> int | None:
    """Returns the line of a part; `builder lock` writes each key on one. JSON is YAML, and YAML has lines."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return None
    line = 1
    for step in place:
        if isinstance(node, yaml.MappingNode):
            key, node = next(((k, v) for k, v in node.value if k.value == step), (None, None))
            line = key.start_mark.line + 1 if key else line
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line


def _beside(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(LOCK) + ".yaml")


def _request(path: Path, otherwise: object) -> object:
    """Returns the request as it is written now, or what is given where there is none that can be read."""
    try:
        return loaded(PlainLoader(_beside(path).read_text(encoding="utf-8")))[1]
    except (OSError, *FAULTS):
        return otherwise
