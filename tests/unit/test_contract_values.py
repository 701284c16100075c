"""metrics.json: every number by name and slice; what is no finite number names its metric."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.contract.values import Metric, flatten, read_metrics
from verifier.errors import BadInput

SCHEMA = "samebits/metrics/v1"


def refusal(folder: Path, content: bytes) -> str:
    path = folder / "metrics.json"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        read_metrics(path)
    return caught.value.sentence.removeprefix(str(path))


def test_scalars_classes_and_slices_are_known_by_name_and_slice() -> None:
    document = {
        "schema": SCHEMA,
        "scalars": {"accuracy": 0.97, "rows": 449},
        "classes": {"recall": {"0": 0.98, "8": 1}},
        "slices": {"accuracy": {"gospels": 0.8}},
        "confusion_matrix": {"labels": ["0"], "counts": [[1]]},
        "intervals": {"accuracy": {"low": 0.9, "high": 1, "confidence": 0.95}},
    }
    assert flatten(document) == {
        Metric("accuracy", ""): 0.97,
        Metric("rows", ""): 449.0,
        Metric("recall", "classes/0"): 0.98,
        Metric("recall", "classes/8"): 1.0,
        Metric("accuracy", "slices/gospels"): 0.8,
    }


def test_metric_is_written_for_people() -> None:
    assert [str(Metric("accuracy", "")), str(Metric("recall", "classes/8"))] == [
        "accuracy",
        "recall of classes/8",
    ]


def test_file_of_a_bundle_is_read(tmp_path: Path) -> None:
    document = {"schema": SCHEMA, "scalars": {"accuracy": 0.97}}
    (tmp_path / "metrics.json").write_text(json.dumps(document))
    assert read_metrics(tmp_path / "metrics.json") == document


SCALAR = '{"schema": "samebits/metrics/v1", "scalars": {"accuracy": %s}}'
FAULTS = {
    "text": ('"0.97"', ": accuracy is '0.97', which is text, not a number"),
    "truth": ("true", ": accuracy is True, which is no number"),
    "nothing": ("null", ": accuracy is None, which is no number"),
    "NaN": ("NaN", ": accuracy is nan, which is not finite"),
    "infinite": ("-Infinity", ": accuracy is -inf, which is not finite"),
    "too large": ("1e999", ": accuracy is inf, which is not finite"),
    "a whole number too large": ("9" * 400, ": accuracy is too large for a binary64 number"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_no_finite_number_names_its_metric(tmp_path: Path, name: str) -> None:
    text, sentence = FAULTS[name]
    assert refusal(tmp_path, (SCALAR % text).encode()) == sentence


def test_value_of_a_class_is_named_with_its_class() -> None:
    with pytest.raises(BadInput, match=r"^1\.2\.0\.json: recall of classes/8 is 'x', which is text"):
        flatten({"classes": {"recall": {"8": "x"}}}, where="1.2.0.json")


@pytest.mark.parametrize("part", ["scalars", "classes", "slices"])
def test_part_that_is_no_object_is_refused(part: str) -> None:
    with pytest.raises(BadInput, match=f"{part} is no object"):
        flatten({part: [1]})


def test_metric_of_classes_that_is_no_object_is_refused() -> None:
    with pytest.raises(BadInput, match="classes of recall is no object"):
        flatten({"classes": {"recall": 1}})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[]", " is no JSON object"),
        (b"{", " cannot be read as JSON: "),
        (b"\xff", " cannot be read as JSON: "),
        (b"[" * 1_000_000, " cannot be read as JSON: "),
        (b'{"a": 1, "a": 2}', " cannot be read as JSON: the key 'a' is given twice"),
        (b'{"schema": "samebits/metrics/v9", "scalars": {"a": 1}}', " at schema: "),
        (b'{"schema": "samebits/metrics/v1"}', ": 'scalars' is a required property"),
    ],
)
def test_other_file_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    assert refusal(tmp_path, content).startswith(sentence)


def test_file_of_200_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    begun = time.monotonic()
    with pytest.raises(BadInput) as caught:
        read_metrics(path)
    assert time.monotonic() - begun < 1
    assert caught.value.sentence == f"{path} has 200,000,000 bytes; at most 4,194,304 are read"


def test_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_text(SCALAR % "1")
    (tmp_path / "metrics.json").symlink_to("other")
    with pytest.raises(BadInput, match="is not a plain file"):
        read_metrics(tmp_path / "metrics.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(document=st.dictionaries(st.sampled_from(["schema", "scalars", "classes", "slices"]), JSON))
def test_hostile_document_is_bad_input_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, object]
) -> None:
    path = tmp_path_factory.getbasetemp() / "metrics.json"
    path.write_text(json.dumps(document))
    try:
        read_metrics(path)
    except BadInput as error:
        assert error.sentence.startswith(str(path))
