"""metrics.json: all digits, nothing that is not finite, and a matrix that its labels fit."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.runtime import metrics
from builder.runtime.validate import SCHEMAS, load_schema, validate

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
