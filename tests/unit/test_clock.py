"""Times and lengths of time, in the one form that they have here."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.clock import now, parse_time, rfc3339, shown

TIMES = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)).map(
    lambda time: time.replace(microsecond=0, tzinfo=UTC)
)


@given(TIMES)
def test_time_that_is_written_is_read(time: datetime) -> None:
    assert parse_time(rfc3339(time)) == time


def test_time_of_another_zone_is_written_in_utc() -> None:
    time = datetime(2026, 11, 26, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert rfc3339(time) == "2026-11-25T23:30:00Z"


def test_now_is_in_utc_and_whole_seconds() -> None:
    assert parse_time(rfc3339(now())) - now() <= timedelta(seconds=1)
    assert now().microsecond == 0


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026-11-26", "2026-11-26T01:02:03", "2026-11-26 01:02:03Z", "2026-11-26T01:02:03.5Z"),
        *(
            "2026-11-26T01:02:03+00:00",
            "2026-11-26t01:02:03z",
            " 2026-11-26T01:02:03Z",
            "2026-11-26T01:02:03Z\n",
        ),
        *("२०२६-11-26T01:02:03Z", "12026-11-26T01:02:03Z", None, 7, ["2026-11-26T01:02:03Z"]),
    ],
)
def test_time_in_another_form_is_none(text: object) -> None:
    with pytest.raises(ValueError, match="it is no time such as"):
        parse_time(text)


@pytest.mark.parametrize(
    "text", ["2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-26T24:00:00Z", "0000-01-01T00:00:00Z"]
)
def test_time_of_no_calendar_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="no time that a calendar has"):
        parse_time(text)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(days=30), "30 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(seconds=61), "61 seconds"),
        (timedelta(), "0 seconds"),
    ],
)
def test_length_is_shown_in_its_largest_whole_unit(length: timedelta, said: str) -> None:
    assert shown(length) == said
