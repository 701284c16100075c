"""The first page of a site: a line for each model, what wants attention first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from verifier.report.html.metrics import values_of
from verifier.report.html.names import badge_file, model_file
from verifier.report.html.plots.spark import spark
from verifier.report.html.plots.timeline import strip
from verifier.report.html.shown import metric_key, metric_words, number
from verifier.report.html.state import State, state_of
from verifier.site.records import ModelPage, Outcome

# Of identifiers, the newest can be searched for.
MOST_IDENTIFIERS = 5


@dataclass(frozen=True, kw_only=True)
class Headline:
    """The first metric of a model, in the contract's order."""

    name: str
    value: str
    spark: Markup | None


@dataclass(frozen=True, kw_only=True)
class Link:
    """A test that failed, and where it is explained, if anywhere."""

    test: str
    href: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """A model on the first page. `text` is what a search looks in."""

    page: ModelPage
    href: str
    badge: str
    state: State
    outcome: Outcome | None
    version: str
    strip: Markup | None
    headline: Headline | None
    failing: tuple[Link, ...]
    text: str


def line_of(page: ModelPage, failing: tuple[Link, ...]) -> Line:
    """Returns the line of a model; `failing` are the tests that its last check did not pass."""
    outcome = page.outcomes[0] if page.outcomes else None
    state = state_of(outcome)
    version = outcome.version if outcome else page.releases[-1].version if page.releases else ""
    identifiers = [one.identifier for one in page.releases[-MOST_IDENTIFIERS:]]
    identifiers += [outcome.identifier] if outcome and outcome.identifier else []
    tests = [one.test for one in failing]
    words = [page.name, page.owner, page.tier, state, version, *dict.fromkeys(identifiers), *tests]
    return Line(
        page=page,
        href=model_file(page.name),
        badge=badge_file(page.name),
        state=state,
        outcome=outcome,
        version=version,
        strip=strip(page.outcomes),
        headline=_headline(page),
        failing=failing,
        text=" ".join(words).lower(),
    )


def _headline(page: ModelPage) -> Headline | None:
    if not page.releases:
        return None
    last = page.releases[-1].metrics
    keys = {metric_key(name): name for name in last}
    known = [keys[metric_key(name)] for name in page.bands if metric_key(name) in keys]
    name = next(iter([*known, *last]), None)
    if name is None:
        return None
    words = metric_words(name)
    return Headline(name=words, value=number(last[name]), spark=spark(words, values_of(page.releases, name)))


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many models are in a state."""

    state: State
    count: int


def counts(lines: Sequence[Line]) -> list[Count]:
    """Returns how many models are in each state that there is, the gravest first."""
    found = Counter(line.state for line in lines)
    return [Count(state=state, count=found[state]) for state in State if found[state]]
