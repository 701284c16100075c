"""All pages of a site: the overview, a page for each model, one for each failed check, and what they share."""

import json
from collections.abc import Iterator, Sequence
from functools import partial

from verifier.report.html.badge import badge
from verifier.report.html.failure import failed_alerts, failure_of
from verifier.report.html.model import MOST_CHECKS, links_of, model_view
from verifier.report.html.names import badge_file, model_file
from verifier.report.html.overview import Line, Link, counts, line_of
from verifier.report.html.state import state_of
from verifier.report.html.templating import render, script, style
from verifier.report.printable import printable
from verifier.site.records import ModelPage, Outcome, Site
from verifier.site.workers import Workers

Page = tuple[str, str]


def site_pages(site: Site, workers: Workers | None = None) -> Iterator[Page]:
    """Yields the files of a site, each as its path in the site's folder and its text; `workers` draw models.

    The pages hold no reference but to each other, and their policy forbids the browser any other.
    """
    lines = []
    drawn = (workers or Workers()).each(partial(_drawn, site.time), site.models, at_once=2)
    for page, files in zip(site.models, drawn, strict=True):
        yield from files
        lines.append(line_of(page, links_of(page.name, page.outcomes[0]) if page.outcomes else ()))
    lines.sort(key=lambda line: (line.state.rank, line.page.name))
    yield (
        "index.html",
        render("overview.html", root="", time=site.time, site=site, lines=lines, counts=counts(lines)),
    )
    yield "search-index.js", search_index(lines)
    yield "site.css", style()
    yield "site.js", script()


def _drawn(time: str, page: ModelPage) -> tuple[Page, ...]:
    links = {index: links_of(page.name, one) for index, one in enumerate(page.outcomes[:MOST_CHECKS])}
    return tuple(model_pages(page, links, time))


def model_pages(page: ModelPage, links: dict[int, tuple[Link, ...]], time: str) -> Iterator[Page]:
    """Yields the pages of one model; a site is drawn from many at once in this way."""
    view = model_view(page, links)
    yield model_file(page.name), render("model.html", root="../", time=time, view=view)
    yield badge_file(page.name), badge(view.state, page)
    seen: set[str] = set()
    for index, outcome in enumerate(page.outcomes[:MOST_CHECKS]):
        hrefs = {link.test: link.href for link in links[index] if link.href}
        if hrefs and not seen.issuperset(hrefs.values()):
            yield from _failures(page, outcome, hrefs, time, first=index == 0)
            seen.update(hrefs.values())


def _failures(
    page: ModelPage, outcome: Outcome, hrefs: dict[str, str], time: str, *, first: bool
) -> Iterator[Page]:
    assert outcome.verdict is not None  # only then there are pages
    for alert in failed_alerts(outcome.verdict, outcome.time):
        failure = failure_of("failure", alert, outcome.verdict, page if first else None)
        text = render(
            "failure.html",
            root="../",
            time=time,
            page=page,
            outcome=outcome,
            state=state_of(outcome),
            failure=failure,
            model_href=model_file(page.name),
            others=[Link(test=test, href=href) for test, href in hrefs.items() if test != alert.test],
        )
        yield hrefs[alert.test], text


def search_index(lines: Sequence[Line]) -> str:
    """Returns a script with what can be searched: models, and what the last check of each did not pass."""
    entries = []
    for line in lines:
        entries.append([printable(line.page.name), line.href, line.state, line.state.look, line.text])
        entries += [
            [printable(f"{line.page.name}: {one.test}"), one.href, "failed", "bad", one.test.lower()]
            for one in line.failing
            if one.href
        ]
    return f"window.samebitsIndex = {json.dumps(entries)};\n"
