"""JSON and YAML: paths of what differs; what is no such file is compared as text."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.explaining import explained, spoken
from verifier.explain.documents import LARGEST
from verifier.explain.findings import Fact, Finding
from verifier.explain.values import value_differences


def between(folder: Path, first: object, second: object) -> list[Finding]:
    return explained(folder, json.dumps(first).encode(), json.dumps(second).encode(), "x.json")


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (
            {"metrics": [0, {"value": 1}]},
            {"metrics": [0, {"value": 2}]},
            "$.metrics[1].value: 1 in the first, 2 in the second",
        ),
        ({"a b": 1}, {"a b": None}, '$["a b"]: 1 in the first, null in the second'),
        ({"a": 1}, {}, "$.a: 1 in the first only"),
        ({}, {"a": {"b": 1}}, "$.a: an object of 1 in the second only"),
        ([1], [1, 2], "$: 1 item in the first, 2 in the second"),
        ([True], [1], "$[0]: True in the first, 1 in the second"),
        ([1], [1.0], "$[0]: 1 in the first, 1.0 in the second"),
        ([0.0], [-0.0], "$[0]: 0.0 in the first, -0.0 in the second: looks like rounding"),
        ({"a": "x"}, {"a": "y"}, "$.a: 'x' in the first, 'y' in the second"),
    ],
)
def test_path_and_both_values_are_named(first: object, second: object, said: str, tmp_path: Path) -> None:
    assert spoken(between(tmp_path, first, second)) == said


@pytest.mark.parametrize(("other", "fact"), [(0.1234567, Fact.ROUNDING), (0.13, Fact.VALUES)])
def test_number_is_told_from_rounding(other: float, fact: Fact, tmp_path: Path) -> None:
    (finding,) = between(tmp_path, {"loss": 0.1234568}, {"loss": other})
    assert finding.facts == {fact}


def test_time_as_a_number_is_a_clock(tmp_path: Path) -> None:
    (finding,) = between(tmp_path, {"at": 1764072000.25}, {"at": 1764072031.5})
    assert finding.facts == {Fact.CLOCK}


def test_same_items_in_another_order_are_said_once(tmp_path: Path) -> None:
    (finding,) = between(tmp_path, ["a", {"b": 1}, "c"], ["a", "c", {"b": 1}])
    assert finding.sentence == "the same 3 items in another order, from item 1 on"
    assert finding.facts == {Fact.ORDER}


def test_same_keys_in_another_order_are_said(tmp_path: Path) -> None:
    (finding,) = between(tmp_path, {"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert finding.facts == {Fact.ORDER}


def test_same_values_written_otherwise_are_said_with_the_line(tmp_path: Path) -> None:
    findings = explained(tmp_path, b'{"a": 1}', b'{"a":1}', "x.json")
    assert [finding.place for finding in findings] == ["", "line 1"]
    assert findings[0].sentence == "the same values in JSON, written otherwise"


BAD = {
    "cut off": b'{"a": ',
    "key twice": b'{"a": 1, "a": 2}',
    "no number": b'{"a": NaN}',
    "nested deeply": b"[" * 100_000 + b"]" * 100_000,
    "digits without end": b"[" + b"1" * 100_000 + b"]",
    "empty": b"",
}


@pytest.mark.parametrize("name", BAD)
def test_no_json_is_compared_as_text_with_the_reason(name: str, tmp_path: Path) -> None:
    (finding,) = explained(tmp_path, b'{"a": 1}', BAD[name], "x.json")
    assert finding.place == "line 1"
    assert "(compared as plain content: it is no JSON" in finding.sentence


def test_yaml_has_paths_too(tmp_path: Path) -> None:
    said = spoken(explained(tmp_path, b"a:\n- b: 1\n", b"a:\n- b: 2\n", "x.yaml"))
    assert said == "$.a[0].b: '1' in the first, '2' in the second"


LAUGHS = b"a: &a [x,x]\n" + b"".join(b"%c: &%c [*%c,*%c]\n" % (c, c, c - 1, c - 1) for c in range(98, 122))
BAD_YAML = {
    "aliases": LAUGHS,
    "a circle": b"a: &a [*a]\n",
    "nested deeply": b"[" * 20_000,
    "cut off": b"a: [",
    "key is a list": b"? [a]\n: b\n",
    "tab": b"a:\n\t- b\n",
    "large": b"#" * (LARGEST["YAML"] + 1),
}


@pytest.mark.parametrize("name", BAD_YAML)
def test_odd_yaml_is_compared_as_text_with_the_reason(name: str, tmp_path: Path) -> None:
    (finding,) = explained(tmp_path, b"a: 1\n", BAD_YAML[name], "x.yaml")
    assert "(compared as plain content: it is" in finding.sentence


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, -0.0, 0.5]) | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=10,
)


@given(VALUES, VALUES)
def test_values_differ_exactly_where_their_json_does(first: object, second: object) -> None:
    assert bool(list(value_differences(first, second))) == (json.dumps(first) != json.dumps(second))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("values")


@pytest.mark.parametrize("name", ["x.json", "x.yaml"])
@given(content=st.binary(max_size=30) | st.text("[]{}&*:-!'\"\n\t ,?a1", max_size=30).map(str.encode))
def test_any_bytes_are_explained(folder: Path, name: str, content: bytes) -> None:
    assert content == b"a: 1\n" or explained(folder, b"a: 1\n", content, name)
