"""A failed check to be shown: the alert, its row, what explains it, and what to type next."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from verifier.report.alerts import Alert, alerts_of
from verifier.report.html.explained import Drawn, drawn_explanation
from verifier.report.html.metrics import columns_of, pictured, unreleased
from verifier.report.html.shown import metric_key
from verifier.report.run import Run
from verifier.site.records import ModelPage
from verifier.verdict import (
    METRIC,
    REBUILD,
    REBUILDER,
    UNDER,
    VARIATION,
    Explained,
    Kept,
    Row,
    Status,
    Verdict,
)

BUILDS = (REBUILD, VARIATION, REBUILDER)
# Of a model whose every class fails, the first are enough.
MOST_FAILURES = 40


@dataclass(frozen=True, kw_only=True)
class Look:
    """A pair of outputs that is kept, and the command for a closer look."""

    subject: str
    command: str


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One alert, and all that is known of it; `key` is unique on a page."""

    key: str
    alert: Alert
    row: Row | None
    inherited: tuple[Row, ...]
    explained: tuple[Drawn, ...]
    looks: tuple[Look, ...]
    picture: Markup | None = None


def failed_alerts(verdict: Verdict, time: str) -> tuple[Alert, ...]:
    """Returns the alerts on checks that failed, at most so many, each test once."""
    alerts = alerts_of(Run(time=time, verdicts=(verdict,)))
    failed = {alert.test: alert for alert in reversed(alerts) if alert.status is Status.FAILED}
    return tuple(failed[test] for test in reversed(failed))[:MOST_FAILURES]


def failure_of(key: str, alert: Alert, verdict: Verdict | None, page: ModelPage | None = None) -> Failure:
    """Returns all that is known of an alert; `page` gives the metric's past where it is one that failed."""
    rows = verdict.rows if verdict else ()
    row = next((one for one in rows if f"{one.check} {one.subject}" == alert.test), None)
    if verdict is None or row is None:
        return Failure(key=key, alert=alert, row=row, inherited=(), explained=(), looks=())
    builds = row.check in BUILDS
    explained = _of(verdict, row) if builds else ()
    return Failure(
        key=key,
        alert=alert,
        row=row,
        inherited=tuple(one for one in verdict.rows if one.inherited) if builds else (),
        explained=tuple(drawn_explanation(f"{key}-e{i}", one) for i, one in enumerate(explained)),
        looks=tuple(_look(one) for one in verdict.kept if _is_of(one.subject, row)) if builds else (),
        picture=_picture(key, row, page),
    )


def _of(verdict: Verdict, row: Row) -> Sequence[Explained]:
    """Returns what explains a row; where nothing is named after it, the first failure gets all."""
    named = [one for one in verdict.explained if _is_of(one.subject, row)]
    first = verdict.first_failure
    return named or (verdict.explained if first is row else ())


def _is_of(subject: str, row: Row) -> bool:
    return subject == row.subject or (row.check == VARIATION and subject.endswith(f"{UNDER}{row.subject}"))


def _look(kept: Kept) -> Look:
    command = "explain" if kept.steps is None else f"compare --steps {kept.steps}"
    return Look(
        subject=kept.subject,
        command=f"verifier {command} {shlex.quote(kept.first)} {shlex.quote(kept.second)}",
    )


def _picture(key: str, row: Row, page: ModelPage | None) -> Markup | None:
    """Returns the plot of a metric that failed, over releases."""
    if row.check != METRIC or page is None:
        return None
    version, found = unreleased(page)
    wanted = metric_key(row.subject)
    column = next((one for one in columns_of(page, found) if one.name == wanted), None)
    if column is None:
        return None
    versions = [one.version for one in page.releases] + ([version] if found else [])
    return pictured(f"{key}-metric", column, versions, 0).drawing
