"""What time it is, and times as RFC 3339 has them, in UTC and to the second."""

import re
from datetime import UTC, datetime, timedelta

# How far the clocks of two honest machines may be apart.
SKEW = timedelta(minutes=5)
FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def now() -> datetime:
    """Returns the time by this machine's clock, in UTC and to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def rfc3339(time: datetime) -> str:
    """Returns a time as text, such as `2026-11-26T01:02:03Z`."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def shown(length: timedelta) -> str:
    """Returns a length of time in the largest unit that it is a whole number of, such as `30 days`."""
    seconds = int(length.total_seconds())
    units = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}
    unit = next((unit for unit, size in units.items() if seconds and seconds % size == 0), "second")
    count = seconds // units[unit]
    return f"{count} {unit}{'' if count == 1 else 's'}"


def parse_time(text: object) -> datetime:
    """Reads a time in that one form.

    Raises:
        ValueError: it is in another.
    """
    if not isinstance(text, str) or not FORM.fullmatch(text):
        raise ValueError("it is no time such as 2026-11-26T01:02:03Z")
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"{text} is no time that a calendar has") from error
