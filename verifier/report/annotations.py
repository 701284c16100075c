"""A run as workflow commands of GitHub Actions: what a job prints to have it shown beside the lines concerned.

An error is what makes the exit code another than 0, a warning what passed and wants a person's eye.
"""

from collections.abc import Sequence

from verifier.report.alerts import Alert, alerts_of
from verifier.report.facts import MARKS, cut, facts, place_of
from verifier.report.headline import headline
from verifier.report.run import Run
from verifier.verdict import Status

# GitHub shows so many of each kind for a step, and drops the others without a word.
MOST = 10
LONGEST_TITLE, LONGEST_LINE = 200, 500
KINDS = {Status.FAILED: "error", Status.NOT_CHECKED: "error", Status.PASSED: "warning"}


def github_annotations(run: Run) -> str:
    """Returns a line for each alert, as many as GitHub shows, and one for what the run came to."""
    alerts = alerts_of(run)
    lines = []
    for kind in ("error", "warning"):
        lines += _lines(kind, [alert for alert in alerts if KINDS[alert.status] == kind])
    lines.append(_command("notice", {"title": "verifier check"}, [cut(headline(run).line, LONGEST_LINE)]))
    return "\n".join(lines) + "\n"


def _lines(kind: str, alerts: Sequence[Alert]) -> list[str]:
    shown = alerts if len(alerts) <= MOST else alerts[: MOST - 1]
    lines = [_annotation(kind, alert) for alert in shown]
    if len(shown) < len(alerts):
        more = f"{len(alerts) - len(shown)} more like these: the summary and the reports have them"
        lines.append(_command(kind, {"title": "verifier check"}, [more]))
    return lines


def _annotation(kind: str, alert: Alert) -> str:
    place = place_of(alert.place)
    where = {"file": place.file, "line": str(place.line)} if place else {}
    model = f"{alert.model} {alert.version}".strip()
    title = f"{MARKS[alert.status]}: {model}: {alert.test}"
    known = [f"{label}: {value}" for label, value in facts(alert)]
    more = [cut(line, LONGEST_LINE) for line in alert.lines]
    return _command(kind, {**where, "title": title}, [cut(alert.detail, LONGEST_LINE), *known, *more])


def _command(kind: str, properties: dict[str, str], lines: Sequence[str]) -> str:
    """Returns a workflow command; `%`, line ends, and in a property `:` and `,` are escaped as the runner asks."""
    stated = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {stated}::{'%0A'.join(map(_data, lines))}"


def _property(value: str) -> str:
    return _data(cut(value, LONGEST_TITLE)).replace(":", "%3A").replace(",", "%2C")


def _data(line: str) -> str:
    return line.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
