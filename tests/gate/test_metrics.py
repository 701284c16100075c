"""Metrics that a tier demands: limits on both sides, slices, and decimals as they are written."""

import json

import pytest

from tests.gate.running import verify
from tests.gate.scene import Gate
from tests.gate.spoils import demanded
from verifier.contract.values import Metric
from verifier.gate.metrics import metric_faults
from verifier.policy.terms import Floor

METRICS = {"scalars": {"accuracy": 0.96, "loss": 0.3}, "classes": {"recall": {"7": 0.5}}}


@pytest.mark.parametrize(
    ("name", "part", "minimum", "maximum", "fault"),
    [
        ("accuracy", "", 0.96, None, None),
        ("accuracy", "", 0.9600001, None, "0.96 is below 0.9600001"),
        ("loss", "", None, 0.3, None),
        ("loss", "", None, 0.29, "0.3 is above 0.29"),
        ("loss", "", 0.1, 0.29, "0.3 is above 0.29"),
        ("recall", "classes/7", 0.6, None, "0.5 is below 0.6"),
        ("recall", "", 0.1, None, "metrics.json does not have it"),
        ("recall", "classes/8", 0.1, None, "metrics.json does not have it"),
    ],
)
def test_floor(name: str, part: str, minimum: float | None, maximum: float | None, fault: str | None) -> None:
    floor = Floor(metric=Metric(name, part), minimum=minimum, maximum=maximum)
    assert metric_faults(METRICS, [floor]) == ({floor: fault} if fault else {})


def test_metrics_that_are_no_numbers_reach_nothing() -> None:
    floor = Floor(metric=Metric("accuracy", ""), minimum=0.1)
    (fault,) = metric_faults({"scalars": {"accuracy": "0.96"}}, [floor]).values()
    assert "which is text, not a number" in fault


def test_each_metric_has_a_row(gate: Gate) -> None:
    demanded(lambda tier: tier["metrics"].append({"name": "f1", "minimum": 0}))(gate)
    said = verify(gate)
    rows = {row["subject"]: row["status"] for row in said.document["rows"] if row["check"] == "metric"}
    assert rows == {"accuracy": "passed", "f1": "failed"}
    assert json.loads((gate.bundle / "metrics.json").read_text())["scalars"] == {"accuracy": 0.5}
