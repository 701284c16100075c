"""YAML in which nothing wins silently."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from builder.runtime import strict_yaml


def test_plain_document_is_read() -> None:
    assert strict_yaml.load("a: 1\nb: [x, {c: 2.5}]\n") == {"a": 1, "b": ["x", {"c": 2.5}]}


def test_empty_document_is_none() -> None:
    assert strict_yaml.load("") is None


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2",
        "a: 1\na: 1",
        "{a: 1, 'a': 2}",
        "x: {b: {a: 1, a: 2}}",
        "- {a: 1, a: 2}",
        "1: a\n0x1: b",
        "!!set {a, a}",
        "a: 1\n? a\n: 2",
    ],
)
def test_key_given_twice_is_refused_wherever_it_is(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match="is given twice"):
        strict_yaml.load(text)


def test_same_key_in_two_mappings_is_fine() -> None:
    assert strict_yaml.load("a: {x: 1}\nb: {x: 2}") == {"a": {"x": 1}, "b": {"x": 2}}


def test_anchor_used_twice_is_fine() -> None:
    assert strict_yaml.load("a: &x {k: 1}\nb: *x") == {"a": {"k": 1}, "b": {"k": 1}}


def test_merged_mapping_is_refused() -> None:
    """A merge lets one of two values of a key win."""
    with pytest.raises(yaml.YAMLError):
        strict_yaml.load("a: &x {k: 1}\nb: {<<: *x, k: 2}")


@pytest.mark.parametrize("text", ["? [a]\n: 1", "? {a: 1}\n: 1"])
def test_key_that_is_no_scalar_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        strict_yaml.load(text)


@pytest.mark.parametrize("text", ["2024-99-99", "0x_", "!!int ''", "!!bool x", "!!timestamp x", "[" * 5_000])
def test_scalar_that_the_library_stumbles_over_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        strict_yaml.load(text)


@given(st.dictionaries(st.text(min_size=1), st.integers() | st.text() | st.lists(st.booleans()), max_size=5))
def test_what_yaml_writes_is_read_the_same(value: dict[str, object]) -> None:
    assert strict_yaml.load(yaml.safe_dump(value)) == value
