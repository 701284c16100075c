"""What changed between two releases, from source to metric: values in, values out."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from verifier.release.explained import CARD, unexplained_files, unexplained_steps
from verifier.release.measured import metric_changes
from verifier.release.values import flat

KINDS = ("data", "code", "params", "toolchain", "rules", "weights", "metrics", "files", "contract")
SHORT = 12

Json = Mapping[str, object]
Table = Mapping[str, str]
Value = TypeVar("Value")
Named = Iterator[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that changed: of which kind, what it is called, and how."""

    kind: str
    subject: str
    detail: str


def changes(before: Json, after: Json) -> list[Change]:
    """Returns all changes between two documents of releases of one model, in the order of `KINDS`.

    A stage of the data that changed is named after the sources, the first one first.
    """
    inputs = [
        *_each("data", _sources(before, after)),
        *_each("code", _hashes(_part(before, "code"), _part(after, "code"), "code/")),
        *_each("params", _tables(flat(before["params"]), flat(after["params"]), str)),
        *_each("toolchain", _toolchain(_part(before, "toolchain"), _part(after, "toolchain"))),
    ]
    outcomes = [
        *_each("data", _stages(before, after)),
        *_each("weights", _hashes(_part(before, "weights"), _part(after, "weights"), "weights/")),
        *_each("metrics", metric_changes(_part(before, "metrics"), _part(after, "metrics"))),
    ]
    files = _files(before, after, {change.kind for change in (*inputs, *outcomes)})
    promises = _each("contract", _tables(flat(before["contract"]), flat(after["contract"]), str))
    rules = [] if inputs else list(_each("rules", unexplained_steps(before, after)))
    # A stable sort, so that the sources come before the stages.
    return sorted(
        [*inputs, *outcomes, *rules, *files, *promises], key=lambda change: KINDS.index(change.kind)
    )


def kinds_of(found: Iterable[Change]) -> list[str]:
    """Returns the kinds of changes, each once, in their order."""
    there = {change.kind for change in found}
    return [kind for kind in KINDS if kind in there]


def headline(found: Iterable[Change]) -> str:
    """Returns the kinds in one line, such as `code, params, weights, metrics`."""
    return ", ".join(kinds_of(found)) or "nothing"


def _each(kind: str, found: Iterable[tuple[str, str]]) -> Iterator[Change]:
    return (Change(kind=kind, subject=subject, detail=detail) for subject, detail in found)


def _part(document: Json, key: str) -> Json:
    return cast(Json, document[key])


def _tables(before: Mapping[str, Value], after: Mapping[str, Value], show: Callable[[Value], str]) -> Named:
    """Yields what was added, removed and changed, by name: values are told apart in full, and shown in short."""
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield name, f"added: {show(after[name])}"
        elif name not in after:
            yield name, f"removed: {show(before[name])}"
        elif before[name] != after[name]:
            yield name, f"{show(before[name])} → {show(after[name])}"


def _hashes(before: Json, after: Json, prefix: str = "") -> Named:
    for path, detail in _tables(cast(Table, before), cast(Table, after), short):
        yield path.removeprefix(prefix), detail


def short(sha256: str) -> str:
    """Returns a sha256 as people can compare it."""
    return f"sha256 {sha256[:SHORT]}"


def _sources(before: Json, after: Json) -> Named:
    first, second = (
        cast(Mapping[str, Table], _part(_part(one, "data"), "sources")) for one in (before, after)
    )
    return _tables(first, second, lambda s: f"{s['name']} {s['version']} ({short(s['sha256'])})")


def _toolchain(before: Json, after: Json) -> Named:
    found = list(_tables({"name": str(before["name"])}, {"name": str(after["name"])}, str))
    found += _tables(cast(Table, before["packages"]), cast(Table, after["packages"]), str)
    if not found and before["digest"] != after["digest"]:
        digests = short(str(before["digest"])), short(str(after["digest"]))
        found = [("lock", f"{' → '.join(digests)}: the same packages, from other files")]
    return iter(found)


def _stages(before: Json, after: Json) -> Named:
    """Yields the stages that changed, in the order in which `prepare` came to them."""
    first, second = _stage_table(before), _stage_table(after)
    for name in dict.fromkeys((*second, *first)):
        if name not in first:
            yield name, f"added: {_rows(second[name])}, {short(str(second[name]['sha256']))}"
        elif name not in second:
            yield name, f"removed: {_rows(first[name])}, {short(str(first[name]['sha256']))}"
        elif detail := "; ".join(_stage(first[name], second[name])):
            yield name, detail


def _stage_table(document: Json) -> dict[str, Json]:
    stages = cast(Sequence[Json], _part(document, "data")["stages"])
    return {f"stage {name}": stage for name, stage in stages_by_name(stages).items()}


def stages_by_name(stages: Sequence[Json]) -> dict[str, Json]:
    """Returns the stages by what they are called; `again` where `prepare` gave a name to several."""
    named: dict[str, Json] = {}
    for stage in stages:
        name = str(stage["name"])
        while name in named:
            name += " again"
        named[name] = stage
    return named


def _rows(stage: Json) -> str:
    return f"{stage['rows']:,} rows"


def _stage(before: Json, after: Json) -> Iterator[str]:
    if before["rows"] != after["rows"]:
        yield f"{_rows(before)} → {_rows(after)}"
    if before["sha256"] != after["sha256"]:
        yield f"{short(str(before['sha256']))} → {short(str(after['sha256']))}"
    for label, detail in _tables(_counts(before), _counts(after), str):
        yield f"{label}: {detail}"


def _counts(stage: Json) -> dict[str, str]:
    """Returns how often each value is in an array, such as `labels 0`."""
    arrays = cast(Mapping[str, Mapping[str, int]], stage.get("counts", {}))
    return {f"{name} {value}": str(n) for name, counts in arrays.items() for value, n in counts.items()}


def _files(before: Json, after: Json, kinds: set[str]) -> Iterator[Change]:
    first, second = _part(before, "files"), _part(after, "files")
    wanted = unexplained_files(before, after, kinds)
    for path, detail in _hashes(first, second):
        if path in wanted:
            titled = path == CARD and before["version"] != after["version"]
            note = " (its title names the version)" if titled else ""
            yield Change(kind="files", subject=path, detail=detail + note)
