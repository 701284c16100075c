"""For other eyes: axe-core finds nothing in light, dark and on a phone; plots are described; print shows all."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.browsing import Browsing, Watched, axe

EVERYWHERE = ("overview", "model", "failed build", "failed metric", "run")
WIDE, PHONE = (1280, 800), (360, 740)


@pytest.mark.parametrize("kind", EVERYWHERE)
@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light")])
def test_axe_finds_nothing(
    kind: str, size: tuple, scheme: str, kinds: dict[str, Path], browsing: Browsing
) -> None:
    context = browsing.context(size, scheme)
    page = Watched(context).open(kinds[kind])
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found = axe(page)
    context.close()
    assert found == []


def test_axe_finds_what_is_wrong(watched: Watched, site: Path) -> None:
    page = watched.open(site / "index.html")
    page.evaluate("document.querySelector('.search input').removeAttribute('aria-label')")
    page.evaluate("document.querySelector('.search input').removeAttribute('placeholder')")
    assert [one.partition(":")[0] for one in axe(page)] == ["label"]


@pytest.mark.parametrize("kind", EVERYWHERE)
def test_phone_has_nothing_beside_its_screen(kind: str, kinds: dict[str, Path], browsing: Browsing) -> None:
    context = browsing.context(PHONE)
    page = Watched(context).open(kinds[kind])
    wide = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert wide <= PHONE[0]


def test_each_plot_has_a_title_and_a_description(watched: Watched, kinds: dict[str, Path]) -> None:
    for kind in ("model", "failed build", "failed metric", "run"):
        page = watched.open(kinds[kind])
        plots = page.locator("figure svg, .timeline svg")
        assert plots.count() > 0, kind
        for index in range(plots.count()):
            expect(plots.nth(index)).to_have_attribute("role", "img")
            title, said = plots.nth(index).locator("title, desc").all_text_contents()
            assert title and len(said) > 10, kind
            assert plots.nth(index).locator("path, rect").count() > 2, kind


def test_model_page_has_plots_of_metrics_resources_and_training(
    watched: Watched, kinds: dict[str, Path]
) -> None:
    page = watched.open(kinds["model"])
    for section, least in (("metrics", 7), ("resources", 3), ("training", 3)):
        assert page.locator(f"#{section} figure svg").count() >= least
        page.locator(f"#{section} summary").click()
        assert page.locator(f"#{section} table tbody tr").count() > 3


def test_pointer_over_a_plot_reads_the_value_from_the_table(watched: Watched, kinds: dict[str, Path]) -> None:
    page = watched.open(kinds["model"])
    figure = page.locator("#metrics figure").first
    figure.locator("svg").hover()
    row = page.locator("#metrics-table tbody tr").nth(3)
    version = row.locator("th").text_content() or ""
    assert (
        figure.locator(".readout").text_content()
        == f"release {version}: {row.locator('td').nth(1).text_content()}"
    )


def test_pages_follow_the_scheme_that_is_preferred(browsing: Browsing, site: Path) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        context = browsing.context(scheme=scheme)
        page = Watched(context).open(site / "index.html")
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        context.close()
    assert grounds == ["rgb(251, 251, 252)", "rgb(14, 17, 22)"]


@pytest.mark.parametrize("kind", EVERYWHERE)
def test_print_shows_what_is_folded_and_no_button(
    kind: str, kinds: dict[str, Path], watched: Watched
) -> None:
    page = watched.open(kinds[kind])
    page.emulate_media(media="print")
    expect(page.locator(".search")).to_be_hidden()
    for button in page.locator("button").all():
        expect(button).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for table in page.locator("details table").all():
        expect(table).to_be_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0
    assert len(page.pdf()) > 10_000
