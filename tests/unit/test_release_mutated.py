"""A release in which anything was changed is refused, and a version that does not increase too."""

import copy
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.released import make_document, release, successor
from verifier.errors import BadInput
from verifier.release.canonical import readable
from verifier.release.releases import read_releases, refuse_decrease

Json = dict[str, object]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Json:
    return make_document(tmp_path_factory.mktemp("bundle") / "tiny")


def test_version_may_be_released_or_increase(first: Json) -> None:
    found = (release(first), release(successor(first, "1.2.0")))
    for version in ("1.0.0", "1.2.0", "1.2.1-rc.1", "2.0.0"):
        refuse_decrease(version, found)
    refuse_decrease("0.0.1", ())


@pytest.mark.parametrize("version", ["1.1.0", "1.2.0-rc.1", "1.2.0+x"])
def test_version_that_does_not_increase_is_refused(version: str, first: Json) -> None:
    found = (release(first), release(successor(first, "1.2.0")))
    with pytest.raises(BadInput) as caught:
        refuse_decrease(version, found)
    assert caught.value.sentence == f"version {version} does not increase: 1.2.0 is released already"
    assert caught.value.advice == "Give model.nix a greater version."


def places(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """Yields the path of every value in a document."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield (*path, key)
        yield from places(inner, (*path, key))


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)


@given(data=st.data())
def test_any_changed_value_is_refused(
    data: st.DataObject, first: Json, tmp_path_factory: pytest.TempPathFactory
) -> None:
    document = copy.deepcopy(first)
    *above, key = data.draw(st.sampled_from(list(places(first))))
    part: Json = document
    for step in above:
        part = part[step]  # type: ignore[assignment,index]
    new = data.draw(ANY)
    if json.dumps(new) == json.dumps(part[key]):  # type: ignore[index]
        return
    part[key] = new  # type: ignore[index]
    folder = tmp_path_factory.mktemp("mutated")
    (folder / "1.0.0.json").write_text(json.dumps(document))
    with pytest.raises(BadInput):
        read_releases(folder, "tiny")


@given(data=st.data())
def test_changed_bytes_are_refused_or_say_the_same(
    data: st.DataObject, first: Json, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(readable(first).encode())
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    folder = tmp_path_factory.mktemp("bytes")
    (folder / "1.0.0.json").write_bytes(content)
    try:
        (found,) = read_releases(folder, "tiny")
    except BadInput:
        return
    assert found == release(first)
