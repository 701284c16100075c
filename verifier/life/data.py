"""Whether the bundle's record of its data is what `prepare` left, and which stage moved since a release.

A stage's digest is the sha256 of the canonical JSON of its arrays (docs/reference/bundle.md); the arrays are not
kept, so it is the two builds that show that they repeat.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from verifier.canonical import digest_of
from verifier.release.changes import stages_by_name
from verifier.schemas import parse_json
from verifier.verdict import Row, Status

DATA = "data"
STAGES = "stages.json"
MOST_COUNTS = 3
Json = Mapping[str, object]


def data_row(record: Json, prepared: Path, before: Sequence[Json], version: str, *, same: bool) -> Row:
    """Returns the row for the data of a bundle.

    `record` is data.json, `prepared` the output of `prepare`; `before` are the stages of the release `version`,
    which must not have moved where it is the `same` version.
    """
    stages = cast(Sequence[Json], record["stages"])
    wrong = [*_of_stages(stages), *_of_files(record, prepared)]
    moved = list(moved_stages(before, stages)) if version else []
    failed = [*wrong, *(moved if same else [])]
    since = f", other than in {version}: {moved[0]}" if moved else f", as in {version}" if version else ""
    count = f"{len(stages)} stage{'' if len(stages) == 1 else 's'}"
    return Row(
        check=DATA,
        subject=f"{count}, {len(cast(Sequence[Json], record['prepared']))} files",
        status=Status.FAILED if failed else Status.PASSED,
        detail=wrong[0] if wrong else f"digests, rows and labels fit{since}",
        warned=bool(moved) and not failed,
        differences=(*wrong, *moved),
    )


def moved_stages(before: Sequence[Json], after: Sequence[Json]) -> Iterator[str]:
    """Yields a line for each stage that is another than before, the first that moved first."""
    old, new = stages_by_name(before), stages_by_name(after)
    for name in [*new, *(name for name in old if name not in new)]:
        if name not in old or name not in new:
            yield f"stage {name!r} is {'new' if name not in old else 'gone'}"
        elif _told(old[name]) != _told(new[name]):
            yield f"stage {name!r}: {_how(old[name], new[name])}"


def _told(stage: Json) -> object:
    return stage["rows"], stage["sha256"], stage.get("counts")


def _how(old: Json, new: Json) -> str:
    if old["rows"] != new["rows"]:
        return f"{old['rows']} rows before, {new['rows']} now"
    counts = list(_counted(old, new))
    if counts:
        more = ", …" if len(counts) > MOST_COUNTS else ""
        return f"other labels: {', '.join(counts[:MOST_COUNTS])}{more}"
    return f"{str(old['sha256'])[:12]} before, {str(new['sha256'])[:12]} now; as many rows and labels"


def _counted(old: Json, new: Json) -> Iterator[str]:
    before = cast(Mapping[str, Mapping[str, int]], old.get("counts") or {})
    after = cast(Mapping[str, Mapping[str, int]], new.get("counts") or {})
    for array in sorted(before.keys() & after.keys()):
        a, b = before[array], after[array]
        for label in sorted(a.keys() | b.keys()):
            if a.get(label, 0) != b.get(label, 0):
                yield f"{array} {label}: {a.get(label, 0)} → {b.get(label, 0)}"


def _of_stages(stages: Sequence[Json]) -> Iterator[str]:
    for stage in stages:
        name, rows = stage["name"], cast(int, stage["rows"])
        arrays = cast(Mapping[str, Mapping[str, Sequence[int]]], stage["arrays"])
        if digest_of(arrays) != stage["sha256"]:
            yield f"stage {name!r}: its digest is not that of its arrays"
        for array, described in arrays.items():
            if list(described["shape"][:1]) != [rows]:
                yield f"stage {name!r}: {array} has not the {rows} rows of the stage"
        for array, counts in cast(Mapping[str, Mapping[str, int]], stage.get("counts") or {}).items():
            if sum(counts.values()) != rows:
                yield f"stage {name!r}: the labels of {array} are {sum(counts.values())}, not {rows}"


def _of_files(record: Json, prepared: Path) -> Iterator[str]:
    listed = {str(e["path"]): str(e["sha256"]) for e in cast(Sequence[Json], record["prepared"])}
    found = {
        path.relative_to(prepared).as_posix(): path for path in sorted(prepared.rglob("*")) if path.is_file()
    }
    for path in sorted(listed.keys() | found.keys()):
        if path not in found or path not in listed:
            yield f"prepare: {path} is {'listed, but missing' if path in listed else 'not listed'}"
        elif _sha256(found[path]) != listed[path]:
            yield f"prepare: {path} has other bytes than data.json says"
    own = _stages_in(found[STAGES]) if STAGES in found else []
    if own != record["stages"]:
        yield f"prepare: {STAGES} holds other stages than data.json"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stages_in(path: Path) -> object:
    try:
        return parse_json(path.read_text(encoding="utf-8"))
    except ValueError:  # UnicodeDecodeError is one
        return None
