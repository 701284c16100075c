"""contract.yaml, read strictly: its form by the schema, then what no schema can say."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict, cast

from verifier.contract.held import hold
from verifier.contract.strict_yaml import Marked, read_yaml
from verifier.contract.terms import (
    Closeness,
    Contract,
    Declared,
    Direction,
    Kind,
    Limit,
    Ownership,
    Retired,
    Tolerance,
)
from verifier.contract.values import Metric
from verifier.explain.bounded import shortened
from verifier.schemas import OWN

ADVICE = "The format is in docs/reference/contract.md."
SCHEMA = OWN / "contract.schema.json"


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
    owner: str
    tier: str
    approvers: list[str]
    escalation: str
    intended_use: str


def contract_ownership(path: Path) -> tuple[Ownership, str]:
    """Returns who answers for a model, and the sha256 (hex) of the contract that says so.

    Raises:
        BadInput: as `read_contract`, or nobody answers for it.
    """
    marked, contract = _read(path)
    if contract.ownership is None:
        raise marked.bad("it names no 'owner', 'tier', 'approvers', 'escalation' and 'intended_use'")
    return contract.ownership, marked.sha256


def read_contract(path: Path) -> Contract:
    """Reads and checks a contract.

    Raises:
        BadInput: it is missing, is no strict YAML, has an unknown key or a value of a wrong kind, or promises what
            cannot fail or cannot hold; the sentence names file and line.
    """
    return _read(path)[1]


def _read(path: Path) -> tuple[Marked, Contract]:
    marked = read_yaml(path, advice=ADVICE)
    hold(marked, SCHEMA)
    return marked, contract_of(marked)


def contract_of(marked: Marked) -> Contract:
    """Returns the contract that a file states, after it matched its schema.

    Raises:
        BadInput: it promises what cannot fail or cannot hold.
    """
    written = cast(_Written, marked.value)
    return Contract(
        metrics=_metrics(written["metrics"], marked),
        resources=_resources(written.get("resources", {}), marked),
        closeness=_closeness(written.get("equality")),
        retired=tuple(_retired(written, marked)),
        ownership=_ownership(written, marked),
    )


def _ownership(written: _Written, marked: Marked) -> Ownership | None:
    if "owner" not in written:
        return None
    if written["owner"] in written["approvers"]:
        owner = shortened(written["owner"], 80)
        raise marked.bad(f"{owner} owns the model, and cannot approve it too", "approvers")
    return Ownership(
        owner=written["owner"],
        tier=written["tier"],
        approvers=tuple(written["approvers"]),
        escalation=written["escalation"],
        intended_use=written["intended_use"],
    )


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
