"""Nix's log: which build starts, what it prints, and the last word on why it failed."""

from tests.unit.nixlines import DRV, nix, say, started
from verifier.nixlog import KEPT_LINES, Event, Log


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


def test_path_from_a_cache_is_remembered() -> None:
    log = Log()
    assert log.read(nix(action="start", id=7, type=108, fields=["/nix/store/0-x", "https://cache"])) is None
    assert (log.substituted, log.started) == ({"/nix/store/0-x"}, [])


def test_other_activity_is_no_download_from_a_cache() -> None:
    log = started()
    log.read(nix(action="start", id=8, type=100, fields=["/nix/store/0-x", "a", "b"]))
    log.read(nix(action="result", id=8, type=108, fields=["/nix/store/0-x"]))
    assert log.substituted == set()


def test_last_lines_are_those_of_the_build_that_started_last() -> None:
    log = started("/nix/store/1-a.drv")
    say(log, "of the first")
    log.read(nix(action="start", id=8, type=105, fields=[DRV]))
    assert log.last_lines() == []
    log.read(nix(action="result", id=8, type=101, fields=["of the second"]))
    assert log.last_lines() == ["of the second"]


def test_log_without_a_build_has_no_last_lines() -> None:
    assert Log().last_lines() == []
