"""Nix's log: builds, lines, events and errors; nothing in it can write to a terminal or stop the reader."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from verifier.nixlog import KEPT_LINES, Event, Log, plain

DRV = "/nix/store/00000000000000000000000000000000-digits-1.0.0-train.drv"
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


def nix(**fields: object) -> str:
    return "@nix " + json.dumps(fields)


def started(derivation: str = DRV) -> Log:
    """Returns a log in which the build of `derivation` has begun, as activity 7."""
    log = Log()
    log.read(nix(action="start", id=7, type=105, fields=[derivation, "", 1, 1], level=3, text="building"))
    return log


def say(log: Log, line: str) -> Event | None:
    """Lets the running build print one line."""
    return log.read(nix(action="result", id=7, type=101, fields=[line]))


def test_start_of_a_build_is_an_event() -> None:
    event = Log().read(nix(action="start", id=7, type=105, fields=[DRV, "", 1, 1]))
    assert event == Event(derivation=DRV, fields={"event": "build"})


def test_builds_are_kept_in_the_order_they_start() -> None:
    log = started("/nix/store/1-a.drv")
    log.read(nix(action="start", id=8, type=105, fields=["/nix/store/2-b.drv"]))
    assert log.started == ["/nix/store/1-a.drv", "/nix/store/2-b.drv"]


def test_other_activity_is_no_build() -> None:
    log = Log()
    assert log.read(nix(action="start", id=7, type=104, fields=[DRV], text="evaluating")) is None
    assert log.started == []


def test_line_belongs_to_the_build_that_printed_it() -> None:
    log = started()
    assert say(log, "hello") is None
    assert list(log.tails[DRV]) == ["hello"]


def test_only_the_last_lines_are_kept() -> None:
    log = started()
    for number in range(KEPT_LINES + 5):
        say(log, str(number))
    assert list(log.tails[DRV]) == [str(number) for number in range(5, KEPT_LINES + 5)]


def test_event_belongs_to_the_build_that_printed_it() -> None:
    log = started()
    event = say(log, '@samebits {"event": "progress", "done": 1, "total": 2}')
    assert event == Event(derivation=DRV, fields={"event": "progress", "done": 1, "total": 2})
    assert event.kind == "progress"
    assert log.events == [event]


def test_event_is_no_line_of_the_log() -> None:
    log = started()
    say(log, '@samebits {"event": "progress"}')
    assert log.tails == {}


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


def test_event_without_a_kind_has_an_empty_one() -> None:
    event = say(started(), '@samebits {"done": 1}')
    assert event is not None
    assert event.kind == ""


def test_message_of_an_error_is_kept() -> None:
    log = Log()
    log.read(nix(action="msg", level=0, msg="error: builder failed"))
    assert log.errors == ["error: builder failed"]


def test_raw_message_goes_before_the_framed_one() -> None:
    log = Log()
    log.read(nix(action="msg", level=0, msg="\x1b[31;1merror:\x1b[0m\n  builder failed", raw_msg="failed"))
    assert log.errors == ["failed"]


def test_message_that_is_no_error_is_left_out() -> None:
    log = Log()
    log.read(nix(action="msg", level=1, msg="warning: dirty tree"))
    assert log.errors == []


def test_line_that_is_not_nixs_json_is_an_error() -> None:
    log = Log()
    log.read("error: unrecognised flag")
    assert log.errors == ["error: unrecognised flag"]


def test_json_that_was_cut_off_is_ignored() -> None:
    log = Log()
    whole = nix(action="msg", level=0, msg="error: builder failed")
    for length in range(len("@nix "), len(whole)):
        assert log.read(whole[:length]) is None
    assert log.errors == []


def test_last_error_event_is_the_steps_own_word() -> None:
    log = started()
    say(log, '@samebits {"event": "error", "sentence": "a lie of the script"}')
    say(log, '@samebits {"event": "error", "sentence": "train wrote nothing"}')
    say(log, '@samebits {"event": "resources"}')
    event = log.error_event()
    assert event is not None
    assert event.fields["sentence"] == "train wrote nothing"


def test_log_without_an_error_has_no_error_event() -> None:
    log = started()
    say(log, '@samebits {"event": "progress"}')
    assert log.error_event() is None


def test_error_that_another_build_printed_does_not_explain_this_one() -> None:
    """prepare printed such a line and ended well; then train was killed before it could say a word."""
    log = started("/nix/store/1-prepare.drv")
    say(log, '@samebits {"event": "error", "step": "prepare", "sentence": "a lie of the script"}')
    log.read(nix(action="stop", id=7))
    log.read(nix(action="start", id=8, type=105, fields=[DRV]))
    assert log.error_event() is None


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
