"""contract.yaml, read strictly: its form by the schema, then what no schema can say."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TypedDict, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from verifier.contract.strict_yaml import Marked, read_yaml
from verifier.contract.terms import Closeness, Contract, Declared, Direction, Kind, Limit, Retired, Tolerance
from verifier.contract.values import Metric
from verifier.errors import BadInput
from verifier.explain.bounded import shortened
from verifier.schemas import OWN, load_schema

ADVICE = "The format is in docs/reference/contract.md."
SCHEMA = OWN / "contract.schema.json"
# Of a hostile file there are thousands of faults; the first of a few is enough.
MOST_FAULTS = 20
UNQUOTED = "; it is text: write it without quotes, and an exponent as in 1.0e-3"


class _Metric(TypedDict, total=False):
    name: str
    slice: str
    direction: str
    tolerance: str | dict[str, float]
    minimum: float
    maximum: float
    reason: str


class _Retired(TypedDict, total=False):
    name: str
    slice: str
    reason: str


class _Equality(TypedDict):
    predictions: dict[str, float]
    reason: str


class _Written(TypedDict, total=False):
    """The file after it matched its schema."""

    metrics: list[_Metric]
    retired: list[_Retired]
    resources: dict[str, dict[str, dict[str, float]]]
    equality: _Equality


def read_contract(path: Path) -> Contract:
    """Reads and checks a contract.

    Raises:
        BadInput: it is missing, is no strict YAML, has an unknown key or a value of a wrong kind, or promises what
            cannot fail or cannot hold; the sentence names file and line.
    """
    marked = read_yaml(path, advice=ADVICE)
    validator = Draft202012Validator(load_schema(SCHEMA))
    faults = [_fault(error, marked) for error in islice(validator.iter_errors(marked.value), MOST_FAULTS)]
    if faults:
        raise min(faults, key=lambda fault: fault[0])[1]
    written = cast(_Written, marked.value)
    return Contract(
        metrics=_metrics(written["metrics"], marked),
        resources=_resources(written.get("resources", {}), marked),
        closeness=_closeness(written.get("equality")),
        retired=tuple(_retired(written, marked)),
    )


def _fault(error: ValidationError, marked: Marked) -> tuple[int, BadInput]:
    """Returns what the schema found as an error, with its line."""
    place = list(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = [str(key) for key in cast(Mapping[str, dict[str, object]], error.schema)["properties"]]
        unknown = next(key for key in error.instance if key not in known)
        sentence = f"unknown key {shortened(unknown, 40)!r}{_in(place, marked)}{nearest(unknown, known)}"
        place.append(unknown)
    elif error.validator == "required" and isinstance(error.instance, dict):
        wanted = cast(Sequence[str], error.validator_value)
        missing = next(key for key in wanted if key not in error.instance)
        sentence = f"the key {missing!r} is missing{_in(place, marked)}"
    else:
        found = "empty" if error.instance is None else shortened(repr(error.instance), 60)
        what = f"{place[-1]!r}{_in(place[:-1], marked)}" if place else "it"
        must = cast(Mapping[str, str], error.schema)["description"]
        hint = UNQUOTED if error.validator == "type" and "number" in must and _is_text(error.instance) else ""
        sentence = f"{what} is {found}; it must be {must}{hint}"
    return marked.line(place), marked.bad(sentence, *place)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _in(place: Sequence[str | int], marked: Marked) -> str:
    """Returns where a key stands: in a metric by its name, else in a path of keys."""
    if not place:
        return ""
    rest = ".".join(str(step) for step in place)
    if place[0] == "metrics" and len(place) > 1:
        entry = cast(dict[str, list[object]], marked.value)["metrics"][int(place[1])]
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            inner = "".join(f"{step} of " for step in reversed(place[2:]))
            return f" in {inner}{_metric_of(entry)}"
    return f" in {rest!r}"


def _metric_of(entry: Mapping[str, object]) -> str:
    return shortened(str(Metric(str(entry["name"]), str(entry.get("slice", "")))), 80)


def nearest(word: str, known: Sequence[str]) -> str:
    """Returns a hint to put behind an unknown word: the nearest known one, or all."""
    near = difflib.get_close_matches(word[:80], known, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known are {shortened(', '.join(known), 200)}" if known else ""


def _metrics(entries: list[_Metric], marked: Marked) -> tuple[Declared, ...]:
    declared = []
    seen: set[tuple[str, str]] = set()
    for index, entry in enumerate(entries):
        one = _declared(entry)
        wrong = _wrong(one)
        if (one.name, one.slice) in seen:
            wrong = "is declared twice"
        if wrong:
            raise marked.bad(f"{shortened(str(Metric(one.name, one.slice)), 80)} {wrong}", "metrics", index)
        seen.add((one.name, one.slice))
        declared.append(one)
    return tuple(declared)


def _declared(entry: _Metric) -> Declared:
    tolerance = entry["tolerance"]
    kind, amount = (Kind.EXACT, 0.0) if isinstance(tolerance, str) else next(iter(tolerance.items()))
    direction, minimum, maximum = entry.get("direction"), entry.get("minimum"), entry.get("maximum")
    return Declared(
        name=entry["name"],
        slice=entry.get("slice", ""),
        direction=None if direction is None else Direction(direction),
        tolerance=Tolerance(kind=Kind(kind), amount=float(amount)),
        minimum=None if minimum is None else float(minimum),
        maximum=None if maximum is None else float(maximum),
        reason=entry.get("reason", ""),
    )


def _wrong(one: Declared) -> str | None:
    """Returns what is wrong with a metric beyond its form, to be put behind its name."""
    if one.tolerance.kind is not Kind.EXACT and not one.reason:
        return f"tolerates a difference ({one.tolerance.kind} {one.tolerance.amount!r}) and gives no 'reason'"
    if one.tolerance.kind is not Kind.EXACT and one.direction is None:
        return "has a tolerance and no 'direction': say whether 'higher' or 'lower' is better"
    if one.minimum is not None and one.maximum is not None and one.minimum > one.maximum:
        return f"has a minimum of {one.minimum!r} above its maximum of {one.maximum!r}"
    return None


def _retired(written: _Written, marked: Marked) -> Iterator[Retired]:
    declared = {(entry["name"], entry.get("slice", "")) for entry in written["metrics"]}
    for index, entry in enumerate(written.get("retired", [])):
        name, part = entry["name"], entry.get("slice", "")
        if (name, part) in declared:
            what = shortened(str(Metric(name, part)), 80)
            raise marked.bad(f"{what} is retired, and a metric of the contract too", "retired", index)
        yield Retired(name=name, slice=part, reason=entry["reason"])


def _resources(steps: dict[str, dict[str, dict[str, float]]], marked: Marked) -> dict[str, dict[str, Limit]]:
    limits: dict[str, dict[str, Limit]] = {}
    for step, quantities in steps.items():
        for quantity, written in quantities.items():
            limit = Limit(warn=float(written["warn"]), fail=float(written["fail"]))
            if limit.warn > limit.fail:
                sentence = (
                    f"{quantity} of {step} warns at {limit.warn!r}, above {limit.fail!r}, where it fails"
                )
                raise marked.bad(sentence, "resources", step, quantity)
            limits.setdefault(step, {})[quantity] = limit
    return limits


def _closeness(written: _Equality | None) -> Closeness | None:
    if written is None:
        return None
    predictions = written["predictions"]
    return Closeness(
        absolute=float(predictions["absolute"]),
        agreement=float(predictions["agreement"]),
        reason=written["reason"],
    )
