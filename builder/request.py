"""The few lines a person writes (`numpy.yaml`, `data.yaml`), parsed once into a record."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict, cast

import yaml
from packaging.requirements import InvalidRequirement, Requirement

from builder.errors import BadInput
from builder.runtime import strict_yaml
from builder.runtime.validate import Invalid, load_schema, validate

SCHEMA = Path(__file__).parent / "schemas" / "request.schema.json"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What should be locked, and the file the lock goes to."""

    name: str
    kind: str
    python: str
    debs: tuple[str, ...]
    wheels: tuple[str, ...]
    licences: dict[str, str]
    written: dict[str, object]
    lock_path: Path
    # The index of a package that is not on PyPI.
    indexes: dict[str, str] = field(default_factory=dict)


def find_requests(root: Path) -> dict[str, Path]:
    """Returns every request under a repository by name: toolchains by file, data by the model's folder.

    Raises:
        BadInput: two have the same name.
    """
    found: dict[str, Path] = {}
    for name, path in _requests(root):
        if found.setdefault(name, path) != path:
            raise BadInput(
                f"{found[name]} and {path} are both called {name!r}", advice="Give one of them another name."
            )
    return found


def _requests(root: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted([*root.glob("builder/locks/*.yaml"), *root.glob("locks/*.yaml")]):
        yield path.stem, path
    for path in sorted(root.glob("models/*/data.yaml")):
        yield path.parent.name, path


def read_request(name: str, root: Path) -> Request:
    """Reads the request called `name` of the repository at `root`.

    Raises:
        BadInput: there is none of that name, or it does not match its schema.
    """
    known = find_requests(root)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known) or 'none'}."
        raise BadInput(
            f"nothing called {name!r} can be locked under {root}",
            advice=f"{hint} A request is a file locks/NAME.yaml or models/NAME/data.yaml.",
        )
    return _parse(name, known[name])


class _Written(TypedDict, total=False):
    """The file after it matched request.schema.json."""

    kind: str
    python: str
    debs: list[str]
    wheels: list[str]
    licences: dict[str, str]
    indexes: dict[str, str]


def _parse(name: str, path: Path) -> Request:
    try:
        value = strict_yaml.load(path.read_text(encoding="utf-8"))
        validate(value, load_schema(SCHEMA), str(path))
        written = cast(_Written, value)
        for line in written.get("wheels", []):
            Requirement(line)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not YAML: {' '.join(str(error).split())}", advice="Correct it.") from error
    except Invalid as error:
        raise BadInput(str(error), advice="The format is in docs/reference/lock.md.") from error
    except InvalidRequirement as error:
        raise BadInput(f"{path}: {error}", advice="Write requirements as pip reads them.") from error
    return Request(
        name=name,
        kind=written["kind"],
        python=written["python"],
        debs=tuple(written.get("debs", [])),
        wheels=tuple(written.get("wheels", [])),
        licences=written.get("licences", {}),
        indexes=written.get("indexes", {}),
        written=dict(written),
        lock_path=path.with_suffix(".lock.json"),
    )
