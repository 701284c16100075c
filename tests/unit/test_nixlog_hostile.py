"""Hostile logs: nothing in them can write to a terminal or stop the reader."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.nixlines import nix, say, started
from verifier.nixlog import Log, plain

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3),
)
FIELDS = {
    "action": st.sampled_from(["start", "stop", "result", "msg"]),
    "type": st.sampled_from([101, 105, 108]) | JSON,
    "level": st.just(0) | JSON,
}
NOTES = st.fixed_dictionaries(
    FIELDS, optional={"id": JSON, "fields": JSON, "msg": JSON, "raw_msg": JSON, "text": JSON}
)


@pytest.mark.parametrize("line", ["@samebits {", "@samebits", "@samebits 5", "@samebits [1]", "@samebits x"])
def test_line_that_only_looks_like_an_event_is_none(line: str) -> None:
    log = started()
    assert say(log, line) is None
    assert log.events == []


@pytest.mark.parametrize("content", ["[" * 100_000, "9" * 5_000, '{"a":' * 50_000], ids=["deep", "long", "d"])
def test_monstrous_event_of_a_script_is_none(content: str) -> None:
    log = started()
    assert say(log, f"@samebits {content}") is None
    assert log.events == []


def test_json_that_was_cut_off_is_ignored() -> None:
    log = Log()
    whole = nix(action="msg", level=0, msg="error: builder failed")
    for length in range(len("@nix "), len(whole)):
        assert log.read(whole[:length]) is None
    assert log.errors == []


def test_colours_and_control_characters_are_stripped() -> None:
    assert plain("\x1b[31;1merror\x1b[0m: \x07\x08b\x9b1m\u202ead\r") == "error: b1mad"


def test_lines_and_tabs_stay() -> None:
    assert plain("one\n\ttwo  ") == "one\n\ttwo"


@given(st.text())
def test_no_text_can_write_to_a_terminal(text: str) -> None:
    assert all(c.isprintable() or c in "\n\t" for c in plain(text))


@given(st.text() | st.text().map("@nix {}".format) | JSON.map(lambda v: "@nix " + json.dumps(v)))
@example("@nix 5")
@example("@nix []")
@example("@nix " + "[" * 100_000)
@example("@nix " + "9" * 5_000)
def test_arbitrary_line_never_raises(line: str) -> None:
    started().read(line)


@given(NOTES)
@example({"action": "start", "type": 105, "level": 0})
@example({"action": "start", "type": 105, "level": 0, "id": 1, "fields": []})
@example({"action": "result", "type": 101, "level": 0, "id": [], "fields": ["x"]})
@example({"action": "msg", "type": 0, "level": 0})
@example({"action": "msg", "type": 0, "level": 0, "raw_msg": 5})
def test_note_of_another_shape_never_raises(note: dict[str, object]) -> None:
    started().read(nix(**note))
