"""A run as Markdown, for the summary of a CI job and for a comment on a change: short enough for both."""

from collections.abc import Iterable, Sequence

from verifier.report.alerts import Alert, alerts_of
from verifier.report.facts import MARKS, facts
from verifier.report.headline import headline
from verifier.report.marked import block, code, command
from verifier.report.matrix import matrix
from verifier.report.printable import counted
from verifier.report.run import Run

# GitHub takes 65,536 characters in a comment. Counted in bytes of UTF-8, which are never fewer.
MOST_BYTES = 65_000
FOR_NOTES = 1_000
LONGEST_HEADLINE = 600


def summary_markdown(run: Run) -> str:
    """Returns the summary: what it came to, models by checks, alerts, and why each model was checked or not.

    What does not fit is left out and counted; of the rows of the table, the models in order go last.
    """
    said = headline(run)
    parts = [f"## {said.word}: {code(said.text, LONGEST_HEADLINE)}"]
    room = MOST_BYTES - FOR_NOTES - _size(parts)
    parts += _table(run, room // 3)
    alerts = [_alert(one) for one in alerts_of(run)]
    parts += _fitting(alerts, (MOST_BYTES - FOR_NOTES - _size(parts)) * 4 // 5, "alert")
    parts += _reasons(run, MOST_BYTES - FOR_NOTES - _size(parts))
    return "\n\n".join(parts) + "\n"


def _table(run: Run, room: int) -> list[str]:
    found = matrix(run)
    if not found.lines:
        return []
    head = [_row(["model", "verdict", *map(code, found.checks)]), _row(["---"] * (len(found.checks) + 2))]
    rows = [_row([code(line.model), line.result, *map(_cell, line.cells)]) for line in found.lines]
    kept = _first(rows, room - _size(head))
    return ["\n".join([*head, *rows[:kept]]), *_left_out(len(rows) - kept, "model")]


def _cell(text: str) -> str:
    return f"**{text}**" if text.startswith("FAILED") else text


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _alert(alert: Alert) -> str:
    title = (
        f"### {MARKS[alert.status]}: {code(alert.test)} of {code(f'{alert.model} {alert.version}'.strip())}"
    )
    listed = [f"- {label}: {code(value)}" for label, value in facts(alert) if label != "run again"]
    parts = [title, "\n".join(listed), block([alert.detail, *alert.lines])]
    return "\n\n".join([*parts, *(["See it again with:", command(alert.rerun)] if alert.rerun else [])])


def _reasons(run: Run, room: int) -> list[str]:
    """Returns why models were checked, and why others were not, folded away."""
    since = f" since {code(run.since)}" if run.since else ""
    spared = [f"- {code(one.model)}: {code(one.why)}" for one in run.unaffected]
    checked = [f"- {code(model)}: {code(why)}" for model, why in run.why]
    parts = []
    titles = (f"not affected by what changed{since}", f"checked: what was compared{since}")
    for items, what in zip((spared, checked), titles, strict=True):
        if items:
            kept = _first(items, room // 2 - 200)
            notes = _left_out(len(items) - kept, "model")
            title = f"<details><summary>{counted(len(items), 'model')} {what}</summary>"
            parts.append("\n\n".join([title, "\n".join(items[:kept]), *notes, "</details>"]))
    return parts


def _fitting(parts: Sequence[str], room: int, what: str) -> list[str]:
    kept = _first(parts, room)
    return [*parts[:kept], *_left_out(len(parts) - kept, what)]


def _first(parts: Sequence[str], room: int) -> int:
    """Returns how many of the parts fit into so many bytes, the first ones."""
    for count, part in enumerate(parts):
        room -= _size([part])
        if room < 0:
            return count
    return len(parts)


def _size(parts: Sequence[str]) -> int:
    return sum(len(part.encode()) + 2 for part in parts)


def _left_out(count: int, what: str) -> list[str]:
    note = f"_… and {counted(count, f'more {what}')} left out here for length; the other reports have all._"
    return [note] if count > 0 else []
