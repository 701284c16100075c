"""What a contract allows of each metric around the last release's value, to be drawn."""

from collections.abc import Mapping

from verifier.contract.judging import matches
from verifier.contract.terms import Contract, Declared
from verifier.contract.tolerance import tolerated
from verifier.contract.values import Metric
from verifier.site.records import Band


def name_of(metric: Metric) -> str:
    """Returns what a metric is called in plots, such as `recall classes/3`."""
    return f"{metric.name} {metric.slice}".strip()


def bands_of(contract: Contract, baseline: Mapping[Metric, float]) -> dict[str, Band]:
    """Returns a band for each metric of the last release that is promised, and for what is not measured yet."""
    bands = {
        name_of(metric): _band(metric, declared, value)
        for metric, value in baseline.items()
        if (declared := _declared(contract, metric)) is not None
    }
    for declared in contract.metrics:
        metric = Metric(declared.name, declared.slice)
        if not declared.is_pattern and metric not in baseline:
            bands[name_of(metric)] = _band(metric, declared, None)
    return bands


def _declared(contract: Contract, metric: Metric) -> Declared | None:
    """Returns the declaration that holds for a metric: its own before that of every slice."""
    matching = [one for one in contract.metrics if matches(one, metric)]
    return min(matching, key=lambda one: one.is_pattern, default=None)


def _band(metric: Metric, declared: Declared, value: float | None) -> Band:
    allowed = None if value is None else float(tolerated(declared.tolerance, value))
    return Band(
        metric=name_of(metric),
        baseline=value,
        low=None if value is None or allowed is None else value - allowed,
        high=None if value is None or allowed is None else value + allowed,
        minimum=declared.minimum,
        maximum=declared.maximum,
        reason=declared.reason,
    )
