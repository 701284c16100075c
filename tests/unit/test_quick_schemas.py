"""The quick validator takes nothing that the strict one refuses; processes give the results in order."""

import copy
import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.bundles import BOM
from tests.unit.released import make_document
from tests.unit.sites import document, row, trouble, verdict
from verifier.errors import CouldNotCheck
from verifier.quick_schemas import quick_mismatch
from verifier.release.releases import SCHEMA_FILE
from verifier.report.stored import SCHEMA
from verifier.schemas import BUNDLE, mismatch
from verifier.site.workers import Workers, workers
from verifier.verdict import Status

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**400),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[dict, object]]:
    release = make_document(tmp_path_factory.mktemp("bundle") / "tiny")
    failed = verdict(rows=(row("train", Status.FAILED, differences=("a",)),))
    return [
        (release, SCHEMA_FILE),
        (document(failed, troubles=(trouble(),)), SCHEMA),
        (BOM, BUNDLE / "bom.schema.json"),
    ]


def places(value: object, path: tuple = ()) -> Iterator[tuple]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from places(one, (*path, key))


def test_both_take_what_is_right(documents: list) -> None:
    for value, schema in documents:
        assert (quick_mismatch(value, schema), mismatch(value, schema)) == (None, None)


@given(data=st.data())
def test_both_say_the_same_of_what_was_changed(data: st.DataObject, documents: list) -> None:
    whole, schema = data.draw(st.sampled_from(documents))
    value = copy.deepcopy(whole)
    *above, key = data.draw(st.sampled_from(list(places(value))))
    part = value
    for step in above:
        part = part[step]
    if isinstance(part, dict) and data.draw(st.booleans()):
        del part[key]
    else:
        part[key] = data.draw(ANY)
    assert (quick_mismatch(value, schema) is None) is (mismatch(value, schema) is None)


@pytest.mark.parametrize("value", [None, [], {}, {1: 2}, "\ud800", float("nan"), [[[[[]]]]]])
def test_what_is_no_document_is_refused_in_words(value: object) -> None:
    assert str(quick_mismatch(value, SCHEMA)).startswith(":")


def test_nesting_that_is_too_deep_is_refused() -> None:
    value: object = {}
    for _ in range(600):
        value = [value]
    assert quick_mismatch(value, SCHEMA)


def test_processes_give_the_results_in_order() -> None:
    with workers() as pool:
        assert list(pool.each(abs, range(-100, 0), at_once=7)) == list(range(100, 0, -1))
    assert list(Workers().each(abs, [-1], at_once=1)) == [1]


def killed(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core has no process beside")
def test_process_that_is_killed_is_a_sentence() -> None:
    with workers() as pool, pytest.raises(CouldNotCheck, match="was killed"):
        list(pool.each(killed, [1, 2, 3], at_once=1))
