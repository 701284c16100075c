"""Names that want to be markup, turn the page around, or have no end: they are shown, and do nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.browsing import Browsing, Watched, axe, write_pages
from tests.browser.example import example_run, example_site
from tests.browser.failing import failed_verdict
from verifier.report.html.page import run_page
from verifier.report.run import Run, Trouble, Unaffected
from verifier.site.records import Band, ModelPage, Site
from verifier.verdict import Row, Status

NAMES = (
    "<script>window.ran = 1</script>",
    "\"><img src=x onerror='window.ran = 1'>",
    "</title></desc></svg><script>window.ran = 1</script>",
    "'; window.ran = 1; //",
    "\u202egpt-vjk\u202c \u2067mirrored\u200f",
    "مدل \u2066ב",
    "a" * 300,
    "{{ 7 * 7 }}{% raw %}",
    "../../../../etc/passwd",
    "line\nbreak\ttab\0null\x1b[31m",
    "\udc80 no text",
    "",
)


def hostile_page(name: str) -> ModelPage:
    page = example_site().models[1]
    metrics = {name: 0.5, f"recall of classes/{name}": 0.25}
    releases = [replace(one, metrics=metrics, version=name, level=name) for one in page.releases]
    steps = {name: {"wall_seconds": 3.0, name: 5.0}}
    said = {"check": name, "subject": name, "detail": name, "first": name, "second": name}
    row = Row(**said, status=Status.FAILED, first_sha256=name, second_sha256=name, differences=(name,))
    verdict = replace(
        failed_verdict("kjv-gpt", "1.3.0"), model=name, version=name, owner=name, escalation=name
    )
    explained = verdict.explained[0]
    finding = replace(explained.explanation.findings[0], path=name, place=name, sentence=name, step=name)
    tensors = tuple(replace(one, tensor=name, path=name) for one in explained.tensors)
    partings = tuple(replace(one, quantity=name) for one in explained.partings)
    told = replace(explained.explanation, findings=(finding,))
    explained = replace(explained, explanation=told, tensors=tensors, partings=partings, replayed=(name,))
    verdict = replace(verdict, rows=(row, *verdict.rows), explained=(explained,))
    outcome = replace(page.outcomes[0], verdict=verdict, version=name, source=name, not_passed=(name,))
    band = Band(metric=name, baseline=0.5, low=0.4, high=None, minimum=0.1, maximum=None, reason=name)
    return replace(
        page,
        name=name,
        owner=name,
        tier=name,
        escalation=name,
        intended_use=name,
        releases=tuple(replace(one, resources=steps) for one in releases),
        bands={name: band},
        outcomes=(outcome, *page.outcomes[1:]),
        components=tuple(replace(one, name=name, licence=name) for one in page.components),
        signers=tuple(replace(one, who=name, what=name) for one in page.signers),
        gaps=(name,),
    )


def hostile_site() -> Site:
    site = example_site()
    return replace(site, models=tuple(map(hostile_page, NAMES)), problems=NAMES, sources=NAMES)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pages(tmp_path_factory.mktemp("hostile") / "site", hostile_site())


def harmless(page: Page) -> None:
    assert page.evaluate("window.ran") is None
    assert page.evaluate("document.querySelectorAll('img, script:not([src]):not(main > script)').length") == 0
    assert page.evaluate("getComputedStyle(document.body).direction") == "ltr"
    text = page.evaluate("document.documentElement.outerHTML")
    turning = "\u202e\u202d\u2067\u200f"
    assert not set(turning) & set(text)


def test_files_stay_in_the_folder_and_no_two_are_one(hostile: Path) -> None:
    models = list((hostile / "models").iterdir())
    assert len(models) == len(NAMES)
    assert {path.parent.name for path in hostile.rglob("*.html")} == {"site", "models", "failures"}
    assert max(len(path.name) for path in hostile.rglob("*")) < 80


def test_pages_of_hostile_names_do_nothing(hostile: Path, browsing: Browsing) -> None:
    context = browsing.context()
    for path in hostile.rglob("*.html"):
        watched = Watched(context)
        page = watched.open(path)
        harmless(page)
        assert watched.complaints == [], path
        page.close()
    context.close()


def test_long_words_do_not_widen_a_page(hostile: Path, browsing: Browsing) -> None:
    context = browsing.context()
    for path in hostile.rglob(f"{'a' * 20}-*.html"):
        page = Watched(context).open(path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        page.close()
    context.close()


def test_name_is_shown_as_it_is_written(hostile: Path, watched: Watched) -> None:
    page = watched.open(hostile / "index.html")
    names = page.locator("table.models tbody th a").all_text_contents()
    assert NAMES[0] in names
    assert "\\x202egpt-vjk\\x202c \\x2067mirrored\\x200f" in names
    page.keyboard.press("/")
    page.keyboard.type("<script>window")
    assert page.locator("table.models tbody tr:visible").count() == 2


def test_search_shows_hostile_names_as_text(hostile: Path, watched: Watched) -> None:
    page = watched.open(next((hostile / "models").glob("a" * 40 + "-*.html")))
    page.keyboard.press("/")
    page.keyboard.type("onerror")
    assert page.get_by_role("option").first.locator("bdi").text_content() == NAMES[1]
    harmless(page)


def test_name_without_an_end_fits_a_phone(hostile: Path, browsing: Browsing) -> None:
    context = browsing.context((360, 740))
    for path in [hostile / "index.html", *hostile.glob("*/" + "a" * 20 + "*.html")]:
        page = Watched(context).open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        assert axe(page) == []
    context.close()


def test_run_of_hostile_names_does_nothing(tmp_path: Path, watched: Watched) -> None:
    verdicts = tuple(page.outcomes[0].verdict for page in map(hostile_page, NAMES))
    troubles = tuple(Trouble(model=name, sentence=name, advice=name, exit_code=2) for name in NAMES)
    unaffected = tuple(Unaffected(model=name, why=name) for name in NAMES)
    run = Run(time=NAMES[0], verdicts=verdicts, troubles=troubles, unaffected=unaffected, since=NAMES[1])
    path = tmp_path / "report.html"
    path.write_text(run_page(run), encoding="utf-8")
    harmless(watched.open(path))
    assert watched.complaints == []
    assert "not affected" in run_page(example_run())
