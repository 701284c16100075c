"""metrics.json: all digits, nothing that is not finite, and a matrix that its labels fit."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.runtime import metrics
from builder.runtime.failure import StepFailed
from builder.runtime.packaging.metrics import check_agreement
from builder.runtime.validate import SCHEMAS, Invalid, load_schema, validate

SCHEMA = SCHEMAS.parent / "packaging" / "schemas" / "metrics.schema.json"


@pytest.fixture(autouse=True)
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the running step."""
    monkeypatch.setenv("SAMEBITS_OUTPUT", str(tmp_path))
    return tmp_path


def written(output: Path) -> dict[str, dict[str, object]]:
    value: dict[str, dict[str, object]] = json.loads((output / "metrics.json").read_text())
    return value


def test_scalars_are_written(output: Path) -> None:
    metrics.write({"accuracy": 0.5, "loss": 2})
    assert written(output) == {"schema": "samebits/metrics/v1", "scalars": {"accuracy": 0.5, "loss": 2.0}}


def test_confusion_matrix_is_written_with_its_labels(output: Path) -> None:
    metrics.write({"accuracy": 0.5}, labels=["a", "b"], confusion=np.array([[3, 1], [0, 4]]))
    assert written(output)["confusion_matrix"] == {"labels": ["a", "b"], "counts": [[3, 1], [0, 4]]}


def test_what_is_written_matches_the_schema(output: Path) -> None:
    metrics.write({"accuracy": np.float32(0.5)}, labels=["a"], confusion=np.array([[3]]))
    validate(written(output), load_schema(SCHEMA), "metrics.json")


def test_number_of_numpy_keeps_its_bits(output: Path) -> None:
    metrics.write({"loss": np.float32(0.1)})
    assert np.float32(written(output)["scalars"]["loss"]) == np.float32(0.1)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), np.float32("-inf")])
def test_number_that_is_not_finite_is_refused(number: float, output: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        metrics.write({"loss": number})
    assert not (output / "metrics.json").exists()


@pytest.mark.parametrize(
    ("labels", "shape"),
    [(["a"], (2, 2)), (["a", "b"], (2, 3)), (["a", "b"], (2,)), (None, (2, 2)), ([], (1, 1))],
)
def test_matrix_that_its_labels_do_not_fit_is_refused(
    labels: list[str] | None, shape: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match="labels do not fit"):
        metrics.write({"accuracy": 0.5}, labels=labels, confusion=np.zeros(shape, np.int64))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("metrics")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_equal_bits_give_equal_text_and_come_back(folder: Path, number: float) -> None:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SAMEBITS_OUTPUT", str(folder))
        metrics.write({"loss": number})
    found = written(folder)["scalars"]["loss"]
    assert np.float64(found).tobytes() == np.float64(number).tobytes()


def test_classes_slices_and_intervals_are_written_and_match_the_schema(output: Path) -> None:
    metrics.write(
        {"accuracy": 0.5},
        classes={"recall": {"cat": np.float32(0.5), "dog": 1}},
        slices={"accuracy": {"first half": 0.25}},
        intervals={"accuracy": metrics.Interval(low=0.25, high=0.75, confidence=0.95)},
    )
    found = written(output)
    assert found["classes"] == {"recall": {"cat": 0.5, "dog": 1.0}}
    assert found["slices"] == {"accuracy": {"first half": 0.25}}
    assert found["intervals"] == {"accuracy": {"low": 0.25, "high": 0.75, "confidence": 0.95}}
    validate(found, load_schema(SCHEMA), "metrics.json")
    check_agreement(found)


@pytest.mark.parametrize(
    "more",
    [
        {"classes": {"recall": {"cat": float("nan")}}},
        {"slices": {"loss": {"a": float("inf")}}},
        {"intervals": {"loss": metrics.Interval(low=0, high=float("inf"), confidence=0.9)}},
    ],
)
def test_number_that_is_not_finite_is_refused_everywhere(more: dict[str, object], output: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        metrics.write({"loss": 1.0}, **more)  # type: ignore[arg-type]
    assert not (output / "metrics.json").exists()


def document(**parts: object) -> dict[str, object]:
    return {"schema": "samebits/metrics/v1", "scalars": {"accuracy": 0.5}, **parts}


WRONG = {
    "scalars.accuracy must be of type number, found '0.98'": {"scalars": {"accuracy": "0.98"}},
    "scalars.accuracy must be of type number, found True": {"scalars": {"accuracy": True}},
    "classes.recall.8 must be of type number, found '1'": {"classes": {"recall": {"8": "1"}}},
    "classes.recall: {} should be non-empty": {"classes": {"recall": {}}},
    "slices must be of type object, found []": {"slices": []},
    "unknown key 'interval'; did you mean 'intervals'?": {"interval": {}},
    "'confidence' is a required property": {"intervals": {"accuracy": {"low": 0, "high": 1}}},
    "1 is greater than or equal to the maximum of 1": {
        "intervals": {"accuracy": {"low": 0, "high": 1, "confidence": 1}}
    },
}


@pytest.mark.parametrize("sentence", WRONG)
def test_metrics_of_another_form_are_named(sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        validate(document(**WRONG[sentence]), load_schema(SCHEMA), "metrics.json")
    assert sentence in str(caught.value)


def disagreement(**parts: object) -> str:
    with pytest.raises(StepFailed) as caught:
        check_agreement(document(**parts))
    return caught.value.sentence


@pytest.mark.parametrize(("low", "high"), [(0.6, 0.7), (0.3, 0.4), (0.7, 0.3)])
def test_interval_that_does_not_hold_its_scalar_is_refused(low: float, high: float) -> None:
    found = disagreement(intervals={"accuracy": {"low": low, "high": high, "confidence": 0.95}})
    assert found == f"metrics.json: accuracy is 0.5, outside of its interval from {low} to {high}"


def test_interval_of_no_scalar_is_refused() -> None:
    found = disagreement(intervals={"f1": {"low": 0, "high": 1, "confidence": 0.95}})
    assert found == "metrics.json: intervals has f1, which is none of the scalars"


def test_recall_is_the_share_of_a_class_and_of_no_empty_one() -> None:
    confusion = np.array([[3, 1, 0], [0, 0, 0], [1, 0, 1]])
    assert metrics.recall(["a", "b", "c"], confusion) == {"a": 0.75, "c": 0.5}


def test_wilsons_interval_is_that_of_the_literature() -> None:
    """Newcombe, Two-sided confidence intervals for the single proportion (1998), table I: 81 of 263, 0 of 20."""
    found = metrics.wilson(81, 263)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    found = metrics.wilson(0, 20)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0, 0.1611)


@given(st.integers(1, 10_000), st.floats(0.01, 0.999), st.data())
def test_wilsons_interval_holds_the_share(rows: int, confidence: float, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, rows))
    found = metrics.wilson(right, rows, confidence=confidence)
    assert 0 <= found.low <= right / rows <= found.high <= 1
