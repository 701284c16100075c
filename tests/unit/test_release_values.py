"""Nested values as a table of leaves: no two objects have the same one."""

import json

from hypothesis import given
from hypothesis import strategies as st

from verifier.release.values import difference, flat

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)
OBJECTS = st.dictionaries(st.text(max_size=3), VALUES, max_size=3)


def test_leaves_are_named_by_their_path() -> None:
    value = {"seed": 1, "hyperparameters": {"layers": [64, {"a.b": True}], "none": []}}
    assert flat(value) == {
        "seed": "1",
        "hyperparameters.layers[0]": "64",
        'hyperparameters.layers[1]["a.b"]': "true",
        "hyperparameters.none": "[]",
    }


def test_empty_object_has_no_leaves() -> None:
    assert flat({}) == {}


def test_deep_values_are_no_trouble() -> None:
    value: object = 7
    for _ in range(5000):
        value = [value]
    assert list(flat({"x": value}).values()) == ["7"]


@given(OBJECTS, OBJECTS)
def test_tables_are_equal_only_of_equal_objects(a: dict[str, object], b: dict[str, object]) -> None:
    written = [json.dumps(value, sort_keys=True) for value in (a, b)]
    assert (flat(a) == flat(b)) == (written[0] == written[1])


def test_difference_has_a_sign_even_beyond_any_float() -> None:
    assert [difference(0.98, 0.97), difference(1, 1.5)] == ["-0.01", "+0.5"]
    assert [difference(0.5, 10**400), difference(10**400, 0.5)] == ["+", "-"]
