"""Which version is the greater one: clause 11 of semver.org, and what is no version."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.errors import BadInput
from verifier.release.versions import increases, precedence

# The chain of examples in clause 11, and what our versions add.
ASCENDING = [
    "0.9.9",
    "1.0.0-1",
    "1.0.0-2",
    "1.0.0-10",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.1.0",
    "1.9.0",
    "1.10.0",
    "2.0.0",
    f"{'9' * 5000}.0.0",
    f"1{'0' * 5000}.0.0",
]
VERSIONS = st.from_regex(r"\A[0-9]{1,2}\.[0-9]\.[0-9]([+-][0-9a-bA-B.-]{1,5})?\Z")


def test_examples_ascend_and_nothing_else_does() -> None:
    for low, first in enumerate(ASCENDING):
        for high, second in enumerate(ASCENDING):
            assert increases(second, first) == (high > low), (first, second)


@pytest.mark.parametrize("same", ["1.0.0+x", "1.0.0+y.2", "01.0.0"])
def test_text_behind_a_plus_does_not_count(same: str) -> None:
    assert not increases(same, "1.0.0")
    assert not increases("1.0.0", same)


@pytest.mark.parametrize("text", ["", "1.0", "1.0.0.0", "v1.0.0", "1.0.0-", "1.0.0-a+b", "1.0.0\n", "١.0.0"])
def test_other_text_is_no_version(text: str) -> None:
    with pytest.raises(BadInput, match="is no version"):
        precedence(text)


@given(VERSIONS, VERSIONS)
def test_of_two_versions_one_is_greater_or_they_have_equal_rank(a: str, b: str) -> None:
    assert [increases(a, b), increases(b, a), precedence(a) == precedence(b)].count(True) == 1


@given(VERSIONS, VERSIONS, VERSIONS)
def test_order_is_transitive(a: str, b: str, c: str) -> None:
    low, middle, high = sorted((a, b, c), key=precedence)
    assert not increases(low, middle)
    assert not increases(middle, high)
    assert not increases(low, high)
