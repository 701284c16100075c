"""No page complains, or asks anything of anyone; nothing in it could."""

from pathlib import Path

import pytest

from tests.browser.browsing import Watched

EVERYWHERE = ("overview", "model", "failed build", "failed metric", "run")


@pytest.mark.parametrize("kind", EVERYWHERE)
def test_page_complains_of_nothing_and_asks_for_its_own_files_alone(
    kind: str, kinds: dict[str, Path], site: Path, watched: Watched
) -> None:
    page = watched.open(kinds[kind])
    page.wait_for_load_state("networkidle")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert watched.complaints == []
    own = {(site / name).as_uri() for name in ("site.css", "site.js", "search-index.js")}
    inside = {request for request in watched.requests if request.startswith("data:image/svg+xml,")}
    assert set(watched.requests) - inside == {kinds[kind].as_uri(), *(own if kind != "run" else ())}


@pytest.mark.parametrize("kind", ("model", "run"))
def test_request_elsewhere_is_refused_by_the_page_itself(
    kind: str, kinds: dict[str, Path], watched: Watched
) -> None:
    page = watched.open(kinds[kind])
    tried = "fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => 'refused')"
    assert page.evaluate(tried) == "refused"
    assert any("Content Security Policy" in one for one in watched.complaints)


@pytest.mark.parametrize("kind", ("overview", "run"))
def test_script_that_got_into_a_page_does_not_run(
    kind: str, kinds: dict[str, Path], watched: Watched
) -> None:
    page = watched.open(kinds[kind])
    page.evaluate(
        "const one = document.createElement('script'); one.textContent = 'window.ran = true';"
        "document.body.append(one);"
    )
    assert page.evaluate("window.ran") is None


def test_two_hundred_models_open_within_a_second(tmp_path: Path, watched: Watched) -> None:
    from tests.browser.many import many_models  # noqa: PLC0415 (only this test draws so many)

    path = many_models(tmp_path / "site", 200)
    page = watched.open(path)
    timing = "performance.getEntriesByType('navigation')[0].loadEventEnd"
    assert page.evaluate(timing) < 1000
    page.keyboard.press("/")
    page.keyboard.type("model-137")
    assert page.locator("table.models tbody tr:visible").count() == 1
    assert watched.complaints == []
