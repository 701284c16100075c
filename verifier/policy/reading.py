"""policy.yaml, read strictly: its form by the schema, then the contradictions that no schema sees."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TypedDict, cast

from verifier.contract.held import hold, nearest
from verifier.contract.strict_yaml import Marked, read_yaml
from verifier.contract.values import Metric
from verifier.policy.parties import Json, read_parties
from verifier.policy.terms import (
    WAIVABLE,
    Floor,
    Level,
    Party,
    PinnedRoot,
    Policy,
    Quorum,
    Revoking,
    Sampling,
    Tier,
    Waiver,
)
from verifier.schemas import OWN

ADVICE = "The format is in docs/reference/policy.md."
SCHEMA = OWN / "policy.schema.json"
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# What is longer limits nothing, and leads before the first year of the calendar.
LONGEST = timedelta(days=36500)


class _Tier(TypedDict, total=False):
    level: str
    sign: list[str]
    statements: list[str]
    variations: list[str]
    rebuilders: dict[str, object]
    approvals: dict[str, object]
    verified_within: str
    formats: list[str]
    licences: list[str]
    metrics: list[dict[str, object]]
    rollback: str
    by_sample: dict[str, float]


class _Written(TypedDict, total=False):
    """The file after it matched its schema."""

    parties: dict[str, Json]
    trusted_root: dict[str, str]
    models: dict[str, str]
    channels: list[str]
    revocations: dict[str, object]
    tiers: dict[str, _Tier]
    exceptions: list[dict[str, object]]


def read_policy(path: Path) -> Policy:
    """Reads and checks a policy.

    Raises:
        BadInput: it is missing, is no strict YAML, has an unknown key or a value of a wrong kind, or contradicts
            itself; the sentence names file and line.
    """
    return read_marked(path)[1]


def read_marked(path: Path) -> tuple[Marked, Policy]:
    """Reads a policy as `read_policy` does; returns it with the lines of the file.

    Raises:
        BadInput: as there.
    """
    marked = read_yaml(path, advice=ADVICE)
    hold(marked, SCHEMA)
    written = cast(_Written, marked.value)
    parties = read_parties(written["parties"], "trusted_root" in written, marked)
    tiers = {name: _tier(name, said, parties, marked) for name, said in written["tiers"].items()}
    return marked, Policy(
        path=path,
        sha256=marked.sha256,
        parties=parties,
        tiers=tiers,
        models=_models(written.get("models", {}), tiers, marked),
        channels=tuple(written.get("channels", [])),
        revocations=_revoking(written.get("revocations"), parties, marked),
        waivers=tuple(_waivers(written.get("exceptions", []), parties, marked)),
        trusted_root=_root(written.get("trusted_root"), path),
    )


def _tier(name: str, said: _Tier, parties: Mapping[str, Party], marked: Marked) -> Tier:
    place = ("tiers", name)
    _refuse_unknown(said["sign"], parties, marked, *place, "sign")
    rebuilders = _quorum(said["rebuilders"], "of", parties, marked, *place, "rebuilders")
    _refuse_too_few_operators(rebuilders, parties, marked, *place, "rebuilders")
    return Tier(
        name=name,
        level=Level(said["level"]),
        sign=tuple(said["sign"]),
        statements=tuple(said["statements"]),
        variations=tuple(said["variations"]),
        rebuilders=rebuilders,
        approvals=_quorum(said["approvals"], "by", parties, marked, *place, "approvals"),
        verified_within=_duration(said["verified_within"], marked, *place, "verified_within"),
        formats=tuple(said["formats"]),
        licences=tuple(said["licences"]),
        metrics=_floors(said["metrics"], marked, *place, "metrics"),
        rollback_refused=said["rollback"] == "refused",
        by_sample=Sampling(**said["by_sample"]) if "by_sample" in said else None,
    )


def _duration(text: str, marked: Marked, *place: str) -> timedelta:
    length = timedelta(seconds=int(text[:-1]) * SECONDS[text[-1]])
    if length > LONGEST:
        raise marked.bad(f"{place[-1]!r} is {text}; at most {LONGEST.days}d are taken", *place)
    return length


def _refuse_unknown(
    names: Sequence[str], parties: Mapping[str, Party], marked: Marked, *place: str | int
) -> None:
    for index, name in enumerate(names):
        if name not in parties:
            raise marked.bad(f"{name!r} is no party{nearest(name, list(parties))}", *place, index)


def _quorum(
    said: Mapping[str, object], whose: str, parties: Mapping[str, Party], marked: Marked, *place: str
) -> Quorum:
    count, names = int(cast(int, said["count"])), cast(list[str], said[whose])
    _refuse_unknown(names, parties, marked, *place, whose)
    if count > len(names):
        what = f"{count} {place[-1]} are demanded of {len(names)} that may give them"
        raise marked.bad(what, *place, "count")
    return Quorum(count=count, of=tuple(names))


def _refuse_too_few_operators(
    quorum: Quorum, parties: Mapping[str, Party], marked: Marked, *place: str
) -> None:
    operators = {parties[name].operator for name in quorum.of} - {None}
    if quorum.count > len(operators):
        have = f"{len(operators)} operator{'' if len(operators) == 1 else 's'}"
        what = f"{quorum.count} rebuilders must agree, and those named have {have}"
        raise marked.bad(f"{what}; one operator counts once", *place, "count")


def _floors(said: Sequence[Mapping[str, object]], marked: Marked, *place: str | int) -> tuple[Floor, ...]:
    floors: dict[Metric, Floor] = {}
    for index, one in enumerate(said):
        floor = _floor(one, marked, *place, index)
        if floor.metric in floors:
            raise marked.bad(f"{floor.metric} is there twice", *place, index)
        floors[floor.metric] = floor
    return tuple(floors.values())


def _floor(said: Mapping[str, object], marked: Marked, *place: str | int) -> Floor:
    minimum, maximum = (cast(float | None, said.get(limit)) for limit in ("minimum", "maximum"))
    metric = Metric(str(said["name"]), str(said.get("slice", "")))
    if minimum is not None and maximum is not None and minimum > maximum:
        raise marked.bad(f"{metric} has a minimum above its maximum", *place)
    return Floor(metric=metric, minimum=minimum, maximum=maximum)


def _models(said: Mapping[str, str], tiers: Mapping[str, Tier], marked: Marked) -> Mapping[str, str]:
    for model, tier in said.items():
        if tier not in tiers:
            raise marked.bad(f"{tier!r} is no tier{nearest(tier, list(tiers))}", "models", model)
    return said


def _revoking(
    said: Mapping[str, object] | None, parties: Mapping[str, Party], marked: Marked
) -> Revoking | None:
    if said is None:
        return None
    by = cast(list[str], said["by"])
    _refuse_unknown(by, parties, marked, "revocations", "by")
    max_age = _duration(str(said["max_age"]), marked, "revocations", "max_age")
    return Revoking(by=tuple(by), max_age=max_age)


def _waivers(
    said: Sequence[Mapping[str, object]], parties: Mapping[str, Party], marked: Marked
) -> Iterator[Waiver]:
    seen: set[object] = set()
    for index, one in enumerate(said):
        place = ("exceptions", index)
        if one["id"] in seen:
            raise marked.bad(f"the exception {one['id']} is there twice", *place, "id")
        seen.add(one["id"])
        _refuse_unknown([str(one["approver"])], parties, marked, *place, "approver")
        for code in cast(list[str], one["reasons"]):
            if code not in WAIVABLE:
                what = f"no exception lets {code!r} pass{nearest(code, sorted(WAIVABLE))}"
                raise marked.bad(what, *place, "reasons")
        yield _waiver(one, marked, *place)


def _waiver(one: Mapping[str, object], marked: Marked, *place: str | int) -> Waiver:
    try:
        expires = date.fromisoformat(str(one["expires"]))
    except ValueError as error:
        raise marked.bad(f"'expires' is no day: {error}", *place, "expires") from error
    return Waiver(
        identifier=str(one["id"]),
        model=str(one["model"]),
        reasons=frozenset(cast(list[str], one["reasons"])),
        why=str(one["why"]),
        approver=str(one["approver"]),
        expires=expires,
        link=str(one["link"]),
        version=None if "version" not in one else str(one["version"]),
        bundle=None if "bundle" not in one else str(one["bundle"]),
    )


def _root(said: Mapping[str, str] | None, policy: Path) -> PinnedRoot | None:
    if said is None:
        return None
    return PinnedRoot(path=policy.parent / said["file"], sha256=said["sha256"])
