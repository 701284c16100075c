"""The page of a model: its checks over time, releases, metrics, resources, training, materials and signatures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from verifier.report.html.failure import failed_alerts
from verifier.report.html.metrics import Metrics, metrics_of
from verifier.report.html.names import badge_file, failure_file
from verifier.report.html.overview import Link
from verifier.report.html.plots.timeline import timeline
from verifier.report.html.resources import Plots, curves_of, resources_of
from verifier.report.html.state import State, state_of
from verifier.report.terminal import verified_line
from verifier.site.records import ModelPage, Outcome
from verifier.verdict import Status

MOST_CHECKS, MOST_KINDS = 200, 6


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check in the history of a model."""

    outcome: Outcome
    state: State
    failing: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class ModelView:
    """All that the page of a model shows."""

    page: ModelPage
    state: State
    sentence: str
    badge: str
    checks: tuple[Check, ...]
    older: int
    timeline: Markup | None
    metrics: Metrics
    resources: Plots
    curves: Plots
    licences: tuple[tuple[str, int], ...]
    other_licences: int

    @property
    def last(self) -> Check | None:
        """The last check."""
        return self.checks[0] if self.checks else None


def links_of(model: str, outcome: Outcome) -> tuple[Link, ...]:
    """Returns what a check did not pass, with the page of each failure that is explained."""
    links: dict[str, str] = {}
    if outcome.verdict is not None and not outcome.verdict.verified:
        for alert in failed_alerts(outcome.verdict, outcome.time):
            links[alert.test] = failure_file(
                model, outcome.version, alert.test, outcome.time, outcome.identifier or "", outcome.source
            )
    tests = dict.fromkeys([*links, *outcome.not_passed])
    return tuple(Link(test=test, href=links.get(test, "")) for test in tests)


def model_view(page: ModelPage, links: Mapping[int, tuple[Link, ...]]) -> ModelView:
    """Returns what is shown; `links` are those of each outcome that did not pass, by its place."""
    checks = [
        Check(outcome=one, state=state_of(one), failing=links.get(index, ()))
        for index, one in enumerate(page.outcomes[:MOST_CHECKS])
    ]
    licences = Counter(one.licence or "none stated" for one in page.components).most_common()
    return ModelView(
        page=page,
        state=state_of(page.outcomes[0] if page.outcomes else None),
        sentence=_sentence(page.outcomes),
        badge=badge_file(page.name),
        checks=tuple(checks),
        older=len(page.outcomes) - len(checks),
        timeline=timeline("timeline", page.outcomes),
        metrics=metrics_of(page),
        resources=resources_of(page),
        curves=curves_of(page),
        licences=tuple(licences[:MOST_KINDS]),
        other_licences=len(licences[MOST_KINDS:]),
    )


def _sentence(outcomes: Sequence[Outcome]) -> str:
    """Returns what the last check came to, in one line."""
    if not outcomes:
        return "No check of this model is known here."
    last = outcomes[0]
    if last.trouble is not None:
        return last.trouble
    if last.verdict is None:
        return "Only the ledger's entry is known here: the verdict itself is not." if last.source else ""
    if last.verdict.verified:
        return verified_line(last.verdict).partition(": ")[2]
    row = last.verdict.first_failure
    if row is None:
        row = next((one for one in last.verdict.rows if one.status is Status.NOT_CHECKED), None)
    return f"{row.check} {row.subject}: {row.detail}" if row else "no check was made"
