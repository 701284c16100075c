"""A lock on disk: read with its digest checked, written whole or not at all."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypedDict, cast

from builder.errors import BadInput
from builder.request import Request
from builder.runtime.canonical import digest, parse, readable
from builder.runtime.validate import Invalid, load_schema, validate

SCHEMA = Path(__file__).parent / "schemas" / "lock.schema.json"


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file, pinned by the sha256 that its publisher states; `size` is in bytes."""

    name: str
    version: str
    kind: str
    role: str
    file: str
    url: str
    size: int
    sha256: str
    licence: str


@dataclass(frozen=True, kw_only=True)
class Seed:
    """The unpacking program: `bin/busybox` out of the package `deb`, with the sha256 of its NAR."""

    deb: str
    nar_sha256: str


class _Source(TypedDict):
    """An entry of `sources` after the lock matched lock.schema.json."""

    name: str
    version: str
    kind: str
    role: str
    file: str
    url: str
    size: int
    sha256: str
    licence: str


def lock_text(request: Request, sources: list[Source], seed: Seed | None) -> str:
    """Returns the lock as the text of its file; equal input gives equal text.

    Raises:
        BadInput: it would not match the schema of locks; its name or its sources are not fit.
    """
    body: dict[str, object] = {
        "schema": "samebits/lock/v1",
        "name": request.name,
        "request": request.written,
        "sources": [asdict(source) for source in sorted(sources, key=lambda s: (s.kind, s.name))],
    }
    if seed is not None:
        body["seed"] = asdict(seed)
    lock = {**body, "digest": digest(body)}
    try:
        validate(lock, load_schema(SCHEMA), request.lock_path.name)
    except Invalid as error:
        advice = "Correct the request; the formats are in docs/reference/lock.md."
        raise BadInput(f"this request gives no lock: {error}", advice=advice) from error
    return readable(lock)


class _Lock(TypedDict):
    """A lock after it matched lock.schema.json."""

    digest: str
    sources: list[_Source]


def read_sources(path: Path) -> list[Source]:
    """Reads the sources of the lock at `path`.

    Raises:
        BadInput: it is no lock, or was edited by hand so that its digest no longer fits.
    """
    relock = f"Restore it from git, or resolve it from nothing: builder lock --upgrade {_name(path)}"
    try:
        value = parse(path.read_text(encoding="utf-8"))
        validate(value, load_schema(SCHEMA), str(path))
    except Invalid as error:
        raise BadInput(f"the lock {error}", advice=relock) from error
    except ValueError as error:
        raise BadInput(f"the lock {path} is not JSON: {error}", advice=relock) from error
    lock = cast(_Lock, value)
    body = {key: value for key, value in lock.items() if key != "digest"}
    if digest(body) != lock["digest"]:
        raise BadInput(f"the lock {path} was edited by hand: its digest does not fit", advice=relock)
    return [Source(**entry) for entry in lock["sources"]]


def _name(path: Path) -> str:
    return path.parent.name if path.name == "data.lock.json" else path.name.removesuffix(".lock.json")


def write_whole(path: Path, text: str) -> bool:
    """Writes `text` beside `path`, then renames; returns False where the file already says so."""
    if path.exists() and path.read_bytes() == text.encode():
        return False
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return True
