"""The metrics of a build against the contract and the last release: a row for each metric."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from verifier.contract.held import nearest
from verifier.contract.terms import EVERY, Contract, Declared, Direction, Kind, Retired
from verifier.contract.tolerance import exactly, is_too_wide, shown, told_apart, tolerated
from verifier.contract.values import Metric
from verifier.errors import BadInput
from verifier.explain.bounded import shortened
from verifier.verdict import METRIC, Row, Status


@dataclass(frozen=True, kw_only=True)
class _Opinion:
    """What one comparison came to."""

    detail: str
    failed: bool = False
    warned: bool = False


def judge_metrics(
    contract: Contract,
    found: Mapping[Metric, float],
    baseline: Mapping[Metric, float] | None,
    baseline_version: str,
    equal_bits: bool,
) -> list[Row]:
    """Returns a row for each metric, in the order of the contract; `baseline` is None before the first release.

    `equal_bits` says that what was built is, bit for bit, what `baseline_version` is, so its metrics are too.

    Raises:
        BadInput: the contract declares a metric that neither side has, or a tolerance that cannot fail.
    """
    known = {**found, **(baseline or {})}
    governed = dict(_governed(contract, known))
    rows = []
    for metric, declared in governed.items():
        now, then = found.get(metric), None if baseline is None else baseline.get(metric)
        _refuse_wide(metric, declared, now if then is None else then)
        if now is None:
            opinion = _Opinion(
                detail=f"disappeared: {baseline_version} has it, at {_last(then)}", failed=True
            )
        else:
            version = None if baseline is None else baseline_version
            opinion = _judge(declared, now, then, version, equal_bits)
        rows.append(_row(metric, opinion))
    return rows + [
        _row(metric, _undeclared(contract, metric, found, baseline_version, value))
        for metric, value in known.items()
        if metric not in governed
    ]


def _row(metric: Metric, opinion: _Opinion) -> Row:
    return Row(
        check=METRIC,
        subject=shortened(str(metric)),
        status=Status.FAILED if opinion.failed else Status.PASSED,
        detail=opinion.detail,
        warned=opinion.warned and not opinion.failed,
    )


def _last(value: float | None) -> str:
    return "nothing" if value is None else shown(value)


def _undeclared(
    contract: Contract, metric: Metric, found: Mapping[Metric, float], version: str, value: float
) -> _Opinion:
    if metric in found:
        detail = f"appeared, and contract.yaml does not declare it: {shown(value)}"
        return _Opinion(detail=detail, failed=True)
    gone = f"disappeared: {version} has it, at {shown(value)}"
    retired = next((one for one in contract.retired if matches(one, metric)), None)
    if retired is None:
        return _Opinion(
            detail=f"{gone}; where that is meant, `retired` in contract.yaml says so", failed=True
        )
    return _Opinion(detail=f"{gone}; retired ({shortened(retired.reason)})", warned=True)


def _governed(contract: Contract, known: Mapping[Metric, float]) -> Iterator[tuple[Metric, Declared]]:
    """Yields each metric with the declaration that holds for it: its own slice's before a pattern's."""
    by_name: dict[str, list[Metric]] = {}
    for metric in known:
        by_name.setdefault(metric.name, []).append(metric)
    named = {(one.name, one.slice) for one in contract.metrics if not one.is_pattern}
    for one in contract.metrics:
        itself = Metric(one.name, one.slice)
        alike = by_name.get(one.name, []) if one.is_pattern else [itself] if itself in known else []
        matching = [metric for metric in alike if matches(one, metric)]
        if not matching:
            what = shortened(str(itself))
            names = [str(metric) for metric in [*by_name.get(one.name, []), *known][:1000]]
            sentence = f"contract.yaml declares {what}, which is in no metrics.json{nearest(what, names)}"
            raise BadInput(sentence, advice="Name a metric that evaluate writes, or let evaluate write it.")
        yield from ((metric, one) for metric in matching if not one.is_pattern or metric not in named)


def matches(one: Declared | Retired, metric: Metric) -> bool:
    """Returns whether a declaration is about a metric; one for every class or slice is about each of them."""
    if one.slice.endswith(f"/{EVERY}"):
        return metric.name == one.name and metric.slice.startswith(one.slice[:-1])
    return metric == (one.name, one.slice)


def _refuse_wide(metric: Metric, declared: Declared, reference: float | None) -> None:
    if reference is not None and math.isfinite(reference) and is_too_wide(declared.tolerance, reference):
        tolerance = declared.tolerance
        raise BadInput(
            f"contract.yaml: the tolerance of {shortened(str(metric))} ({tolerance.kind} {tolerance.amount!r}) "
            f"cannot fail: its value is {shown(reference)}",
            advice="Choose one that is smaller than the value (docs/reference/contract.md).",
        )


def _judge(
    declared: Declared, now: float, then: float | None, version: str | None, equal_bits: bool
) -> _Opinion:
    if not math.isfinite(now):
        return _Opinion(detail=f"{now!r} is not finite", failed=True)
    compared = _compare(declared, now, then, version, equal_bits)
    wrong = list(_beyond_limits(declared, now))
    if not wrong:
        return compared
    return _Opinion(detail="; ".join([compared.detail] * compared.failed + wrong), failed=True)


def _beyond_limits(declared: Declared, now: float) -> Iterator[str]:
    if declared.minimum is not None and now < declared.minimum:
        value, limit = told_apart(now, declared.minimum)
        yield f"{value} is below the minimum of {limit}"
    if declared.maximum is not None and now > declared.maximum:
        value, limit = told_apart(now, declared.maximum)
        yield f"{value} is above the maximum of {limit}"


def _compare(
    declared: Declared, now: float, then: float | None, version: str | None, equal_bits: bool
) -> _Opinion:
    """Returns how a value compares with the last release's, by which `version` is None where there is none."""
    if version is None:
        return _Opinion(detail=f"{shown(now)}; no release to compare with")
    if equal_bits and now != then:
        says = "nothing of it" if then is None else told_apart(now, then)[1]
        value = shown(now) if then is None else told_apart(now, then)[0]
        detail = f"the bits are those of {version}, but its release says {says}, and metrics.json {value}"
        return _Opinion(detail=detail, failed=True)
    if then is None:
        return _Opinion(detail=f"{shown(now)}; {version} does not have it")
    if now == then:
        return _Opinion(detail=f"{shown(now)} as in {version}")
    return _moved(declared, now, then, version)


def _moved(declared: Declared, now: float, then: float, version: str) -> _Opinion:
    gain = exactly(now) - exactly(then)
    better = declared.direction is not None and (gain > 0) is (declared.direction is Direction.HIGHER)
    allowed = tolerated(declared.tolerance, then)
    value, last = told_apart(now, then)
    by, limit = told_apart(abs(gain), allowed, fewest=3)
    way = "above" if gain > 0 else "below"
    if abs(gain) <= allowed:
        return _Opinion(detail=f"{value}, {by} {way} {version}, tolerated")
    if better:
        detail = f"{value}, better than {version} by {by}, beyond the tolerance"
        return _Opinion(detail=f"{detail}: release it with `verifier release`", warned=True)
    exact = declared.tolerance.kind is Kind.EXACT
    most = "no difference is tolerated" if exact else f"at most {limit} is tolerated"
    reason = f" ({declared.reason})" if declared.reason else ""
    return _Opinion(detail=f"{value} is {by} {way} {last} of {version}; {most}{reason}", failed=True)
