"""Names of files, numbers, states and badges of the pages."""

import math
from xml.etree import ElementTree

import pytest

from tests.browser.example import example_site
from tests.browser.failing import failed_verdict, passed_verdict, unchecked_verdict
from verifier.report.html.badge import badge
from verifier.report.html.names import failure_file, model_file
from verifier.report.html.shown import metric_key, metric_words, number, short_hash, signed, time_shown, unit
from verifier.report.html.state import LOOKS, State, state_of, state_of_verdict
from verifier.report.html.templating import name, render
from verifier.site.records import Outcome


def entry(**fields: object) -> Outcome:
    known = {"time": "", "version": "1", "verified": False, "level": "", "identifier": None, "not_passed": ()}
    return Outcome(**{**known, "source": "ledger", **fields})  # type: ignore[arg-type]


def test_models_that_look_alike_have_files_of_their_own() -> None:
    names = ["a b", "a-b", "A B", "a/b", "../a b", "", "ä", "a" * 300, "a" * 301]
    files = {model_file(one) for one in names}
    assert len(files) == len(names)
    assert all(file.startswith("models/") and "/" not in file[7:] and len(file) < 70 for file in files)


def test_failure_is_told_apart_by_where_it_was_read() -> None:
    assert failure_file("m", "1", "rebuild train", "a.json") != failure_file(
        "m", "1", "rebuild train", "b.json"
    )
    assert failure_file("kjv-gpt", "1.3.0", "rebuild train").startswith(
        "failures/kjv-gpt-1.3.0-rebuild-train-"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.97999, "0.98"),
        (2.2016021, "2.202"),
        (1680.0, "1,680"),
        (1.5e-05, "1.5e-5"),
        (0.0, "0"),
        (math.nan, "not a number"),
        (-math.inf, "-infinite"),
        (1e300, "1e300"),
    ],
)
def test_number_is_short(value: float, text: str) -> None:
    assert number(value) == text


def test_change_has_its_sign() -> None:
    assert (signed(0.5), signed(-0.5)) == ("+0.5", "−0.5")


@pytest.mark.parametrize(
    ("quantity", "largest", "words"),
    [
        ("wall_seconds", 42.0, "s"),
        ("wall_seconds", 900.0, "min"),
        ("wall_seconds", 9000.0, "h"),
        ("peak_memory_bytes", 5e8, "MiB"),
        ("gpu_memory_bytes", 5e10, "GiB"),
        ("threads", 8.0, ""),
    ],
)
def test_unit_fits_the_largest_value(quantity: str, largest: float, words: str) -> None:
    assert unit(quantity, largest)[1] == words


def test_time_is_shown_in_utc_and_what_is_none_as_it_is() -> None:
    assert time_shown("2026-11-26T04:30:59Z") == "2026-11-26 04:30 UTC"
    assert time_shown("yesterday") == "yesterday"


def test_hash_is_cut_behind_its_kind() -> None:
    assert short_hash("sha256:0123456789abcdef") == "sha256:0123456789ab…"
    assert short_hash(None) == ""


def test_metric_has_one_spelling() -> None:
    assert metric_key("recall of classes/3") == metric_key("recall classes/3")
    assert metric_words("recall classes/3") == "recall of classes/3"
    assert metric_words("two words") == "two words"


def test_states_are_told_apart() -> None:
    assert state_of_verdict(passed_verdict("digits", "1")) is State.VERIFIED
    assert state_of_verdict(passed_verdict("digits", "1", warned=True)) is State.WARNED
    assert state_of_verdict(unchecked_verdict("digits", "1")) is State.NOT_CHECKED
    assert state_of_verdict(failed_verdict("digits", "1")) is State.FAILED


def test_entry_alone_is_not_called_failed() -> None:
    assert state_of(entry()) is State.NOT_VERIFIED
    assert state_of(entry(verified=True)) is State.VERIFIED
    assert state_of(entry(trouble="no disk")) is State.NOT_CHECKED
    assert state_of(None) is State.UNKNOWN
    assert set(LOOKS) == set(State)


@pytest.mark.parametrize("state", list(State))
def test_badge_is_an_image_that_says_its_state(state: State) -> None:
    root = ElementTree.fromstring(badge(state, example_site().models[0]))
    assert root.attrib["aria-label"] == f"digits: {state} 1.3.0"
    assert "http" not in badge(state, example_site().models[0]).replace("http://www.w3.org/2000/svg", "")


def test_name_is_isolated_escaped_and_made_printable() -> None:
    assert name("<b>\u202ex") == "<bdi>&lt;b&gt;\\x202ex</bdi>"


def test_template_that_lacks_a_value_fails() -> None:
    with pytest.raises(Exception, match="undefined"):
        render("model.html", root="../", time="")
