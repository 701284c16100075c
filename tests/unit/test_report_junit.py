"""JUnit XML: valid by the schema that Jenkins publishes, and no check that was not made counts as passed."""

from collections.abc import Callable
from dataclasses import replace
from xml.etree.ElementTree import Element, fromstring

import pytest
import xmlschema
from hypothesis import given

from tests.conftest import REPOSITORY
from tests.unit.plans import make_row, make_verdict
from tests.unit.reported import FAILED, HOSTILE, UNCHECKED, WARNED, make_run, named, texts, whole_run
from verifier.report.junit import junit_xml
from verifier.report.run import Run, Trouble
from verifier.verdict import Origin, Place, Row, Status

SCHEMA = REPOSITORY / ".venv" / "clients" / "junit.xsd"
Problems = Callable[[Run], list[str]]


@pytest.fixture(scope="module")
def problems() -> Problems:
    """Returns what the schema says of a run's document."""
    if not SCHEMA.is_file():
        pytest.skip("there is no schema of JUnit XML: .ci/clients fetches it")
    schema = xmlschema.XMLSchema10(str(SCHEMA))
    return lambda run: [str(error) for error in schema.iter_errors(junit_xml(run).decode())]


def document(run: Run) -> Element:
    return fromstring(junit_xml(run))


def case(row: Row) -> Element:
    (found,) = document(make_run(row)).iter("testcase")
    return found


def test_whole_run_is_valid(problems: Problems) -> None:
    assert problems(whole_run()) == []


def test_empty_run_is_valid(problems: Problems) -> None:
    assert problems(Run(time="", verdicts=())) == []


def test_schema_refuses_what_is_no_junit() -> None:
    if not SCHEMA.is_file():
        pytest.skip("there is no schema of JUnit XML: .ci/clients fetches it")
    spoilt = junit_xml(whole_run()).replace(b"<failure ", b"<fault ").replace(b"</failure>", b"</fault>")
    assert list(xmlschema.XMLSchema10(str(SCHEMA)).iter_errors(spoilt.decode()))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_valid(problems: Problems, text: str) -> None:
    assert problems(named(text)) == []


@given(texts)
def test_any_text_gives_a_document(text: str) -> None:
    assert len(list(document(named(text)).iter("testcase"))) == 5


def test_each_model_is_a_suite_with_its_counts() -> None:
    suites = {suite.get("name"): suite for suite in document(whole_run())}
    assert list(suites) == ["tiny 1.0.0", "calm 1.0.0", "sick", "spared"]
    counts = [suites["tiny 1.0.0"].get(name) for name in ("tests", "failures", "errors", "skipped")]
    assert counts == ["5", "2", "1", "0"]


def test_counts_of_all_suites_are_added_up() -> None:
    top = document(whole_run())
    assert [top.get(name) for name in ("tests", "failures", "errors")] == ["8", "2", "2"]


def test_failed_row_is_a_failure_with_owner_place_and_command() -> None:
    (failure,) = case(FAILED)
    assert failure.tag == "failure"
    assert failure.attrib == {"type": "rebuild", "message": "the builds differ"}
    assert (failure.text or "").splitlines() == [
        "the builds differ",
        "artefact: train/weights.safetensors",
        "step: train",
        "test: rebuild train",
        "place: models/tiny/train.py:7",
        "owner: Ada Lovelace",
        "escalation: +44 20 7946 0000",
        "run again: verifier check tiny --again",
        "weights.safetensors: differs from byte 8 of 80 on",
    ]


def test_failed_row_points_at_its_line() -> None:
    assert (case(FAILED).get("file"), case(FAILED).get("line")) == ("models/tiny/train.py", "7")


@pytest.mark.parametrize("file", ["/etc/passwd", "../up.py", ""])
def test_place_outside_of_the_repository_is_not_pointed_at(file: str) -> None:
    assert case(replace(FAILED, place=Place(file=file, line=7))).get("file") is None


def test_row_that_was_not_checked_is_an_error() -> None:
    assert [element.tag for element in case(UNCHECKED)] == ["error"]


def test_warning_passes_and_says_so() -> None:
    (said,) = case(WARNED)
    assert (said.tag, said.text) == ("system-out", "warning: 0.91; 0.93 in 1.2.0")


def test_inherited_failure_says_where_to_look() -> None:
    rows = (make_row(Status.FAILED, subject="prepare"), make_row(Status.FAILED, inherited=True))
    _, failure = document(make_run(*rows)).iter("failure")
    assert "look there first" in (failure.text or "")


def test_rows_that_were_not_checked_for_one_reason_do_not_blame_another_build() -> None:
    rows = (make_row(Status.NOT_CHECKED, subject=name) for name in ("train", "evaluate"))
    for error in document(make_run(*rows)).iter("error"):
        assert "look there first" not in (error.text or "") and "run again: " in (error.text or "")


def test_verdict_without_rows_is_an_error() -> None:
    top = document(make_run())
    assert top.get("errors") == "1"


@pytest.mark.parametrize("code", [2, 3])
def test_trouble_is_an_error(code: int) -> None:
    trouble = Trouble(model="sick", sentence="it broke", advice="Mend it.", exit_code=code)
    top = document(Run(time="", verdicts=(), troubles=(trouble,)))
    (error,) = top.iter("error")
    assert (error.get("message"), "Mend it." in (error.text or "")) == ("it broke", True)


def test_model_that_the_change_spares_is_skipped_with_the_reason() -> None:
    (skipped,) = document(whole_run()).iter("skipped")
    assert skipped.get("message") == "its derivation is that of abc123"


def test_time_of_a_rebuilt_step_is_that_of_both_builds() -> None:
    used = {"first": {"train": {"wall_seconds": 1.25}}, "second": {"train": {"wall_seconds": 2}}}
    run = Run(time="", verdicts=(make_verdict(make_row(), make_row(subject="prepare"), resources=used),))
    assert [found.get("time") for found in document(run).iter("testcase")] == ["3.250", None]


def test_times_that_are_too_much_together_are_left_out() -> None:
    used = {side: {"train": {"wall_seconds": 1.7e308}} for side in ("first", "second")}
    top = document(Run(time="", verdicts=(make_verdict(make_row(), resources=used),)))
    assert [one.get("time") for one in top.iter()] == [None] * len(list(top.iter()))


@pytest.mark.parametrize("seconds", ["1", float("inf"), float("nan"), -1, None])
def test_time_that_is_none_is_left_out(seconds: object) -> None:
    used = {"first": {"train": {"wall_seconds": seconds}}}
    run = Run(time="", verdicts=(make_verdict(make_row(), resources=used),))
    assert [found.get("time") for found in document(run).iter("testcase")] == [None]


def test_suite_says_what_was_built_and_whose_it_is() -> None:
    origin = Origin(derivation="x.drv", flake="path:x", revision="abc")
    run = Run(time="", verdicts=(make_verdict(make_row(), owner="Ada", origin=origin),))
    found = {one.get("name"): one.get("value") for one in document(run).iter("property")}
    assert found == {
        "bundle": "tiny-1.0.0-0123456789ab",
        "level": "bitwise",
        "revision": "abc",
        "owner": "Ada",
    }
