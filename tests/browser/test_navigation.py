"""Finding one's way: links, search by keyboard, states, sorting."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.browsing import Browsing, Watched


def shown(page: Page) -> list[str]:
    rows = page.locator("table.models tbody tr:visible th a")
    return rows.all_text_contents()


def test_overview_leads_to_a_model_and_on_to_what_failed(watched: Watched, site: Path) -> None:
    page = watched.open(site / "index.html")
    page.get_by_role("link", name="kjv-gpt", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("kjv-gpt")
    page.locator(".alert").get_by_role("link", name="rebuild train").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("rebuild train")
    page.get_by_role("navigation", name="Where this is").get_by_role("link", name="Models").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")


def test_what_failed_stands_first(watched: Watched, site: Path) -> None:
    assert shown(watched.open(site / "index.html")) == ["kjv-gpt", "verses", "digits"]


def test_slash_goes_to_the_search_which_narrows_the_models(watched: Watched, site: Path) -> None:
    page = watched.open(site / "index.html")
    page.keyboard.press("/")
    page.keyboard.type("digits 1.3")
    assert shown(page) == ["digits"]
    expect(page.get_by_role("status")).to_have_text("1 of 3 models")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("digits")


def test_escape_ends_the_search(watched: Watched, site: Path) -> None:
    page = watched.open(site / "index.html")
    page.keyboard.press("/")
    page.keyboard.type("nothing like it")
    assert shown(page) == []
    page.keyboard.press("Escape")
    assert len(shown(page)) == 3


def test_search_of_a_model_page_lists_what_it_finds(watched: Watched, kinds: dict[str, Path]) -> None:
    page = watched.open(kinds["model"])
    page.keyboard.press("/")
    page.keyboard.type("kjv")
    found = page.get_by_role("option")
    expect(found).to_have_count(3)
    expect(found.nth(0)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(found.nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("combobox")).to_have_attribute("aria-activedescendant", "found-1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("rebuild train")


def test_search_finds_a_bundle_by_its_identifier(watched: Watched, kinds: dict[str, Path]) -> None:
    page = watched.open(kinds["failed build"])
    page.keyboard.press("/")
    page.keyboard.type("digits-1.2.1-")
    expect(page.get_by_role("option")).to_have_text(["digitsverified"])


def test_nothing_found_is_said(watched: Watched, kinds: dict[str, Path]) -> None:
    page = watched.open(kinds["model"])
    page.keyboard.press("/")
    page.keyboard.type("no such model")
    expect(page.get_by_role("status")).to_have_text("nothing found")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("kjv-gpt")


def test_models_in_one_state_are_shown_alone(watched: Watched, site: Path) -> None:
    page = watched.open(site / "index.html")
    page.get_by_role("radio", name="not checked").focus()
    page.keyboard.press("Space")
    assert shown(page) == ["verses"]


def test_models_are_sorted_by_a_column(watched: Watched, site: Path) -> None:
    page = watched.open(site / "index.html")
    head = page.locator("#models").get_by_role("columnheader", name="model")
    head.get_by_role("button").click()
    assert shown(page) == ["digits", "kjv-gpt", "verses"]
    expect(head).to_have_attribute("aria-sort", "ascending")
    head.get_by_role("button").click()
    assert shown(page) == ["verses", "kjv-gpt", "digits"]


def test_first_tab_skips_to_the_content(watched: Watched, site: Path) -> None:
    page = watched.open(site / "index.html")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_command_is_copied_by_keyboard(watched: Watched, kinds: dict[str, Path]) -> None:
    page = watched.open(kinds["failed build"])
    button = page.locator("#again").get_by_role("button")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).not_to_have_text("copy")


def test_all_can_be_read_without_a_script(browsing: Browsing, kinds: dict[str, Path]) -> None:
    context = browsing.browser.new_context(java_script_enabled=False)
    for kind, path in kinds.items():
        page = context.new_page()
        page.goto(path.as_uri())
        expect(page.locator(".search")).to_be_hidden()
        expect(page.locator("main h1"), kind).to_be_visible()
    context.close()


def test_run_leads_to_each_model_in_full(watched: Watched, kinds: dict[str, Path]) -> None:
    page = watched.open(kinds["run"])
    assert shown(page) == ["kjv-gpt", "digits", "verses", "tiny"]
    page.keyboard.press("/")
    page.keyboard.type("failed")
    assert shown(page) == ["kjv-gpt"]
    page.keyboard.press("Enter")
    expect(page.locator("details.model:target summary")).to_contain_text("kjv-gpt")
