"""The summary in Markdown, read as GitHub reads it: short enough for a comment, and foreign text means nothing."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from tests.unit.plans import make_row
from tests.unit.reported import FAILED, HOSTILE, LONG, make_run, many, named, texts, whole_run
from verifier.report.markdown import summary_markdown
from verifier.report.marked import code
from verifier.report.printable import printable
from verifier.report.run import Run, Unaffected

OURS = {
    "h2",
    "h3",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "ul",
    "li",
    "p",
    "pre",
    "code",
    "strong",
    "em",
}
OURS |= {"details", "summary"}


class Read(HTMLParser):
    """The tags of a page, and its text: what stands in code and what does not."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.codes: list[str] = []
        self.bare = ""
        self._inside = 0
        self.html = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert all(name in ("class",) for name, _ in attrs)
        if tag == "code":
            self._inside += 1
            self.codes.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag == "code"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.codes[-1] += data
        else:
            self.bare += data


def test_verdict_comes_first() -> None:
    first = Read(summary_markdown(whole_run()).splitlines()[0])
    assert first.tags == ["h2", "code"]
    assert first.bare.startswith("NOT VERIFIED: ")
    assert first.codes == [
        "2 of 3 models: tiny 1.0.0: train/weights.safetensors: step train, test rebuild train: the builds differ"
    ]


def test_table_shows_each_model_by_check() -> None:
    lines = summary_markdown(whole_run()).splitlines()
    assert [line.split(" | ")[1:] for line in lines if line.startswith("| ")][2:] == [
        ["no verdict", "-", "-", "- |"],
        ["NOT VERIFIED", "**FAILED 2 of 3**", "not checked", "warning |"],
        ["verified", "ok", "-", "- |"],
    ]


def test_alert_names_artefact_step_test_owner_escalation_place_and_command() -> None:
    page = Read(summary_markdown(make_run(FAILED)))
    wanted = ("train/weights.safetensors", "train", "rebuild train", "Ada Lovelace", "+44 20 7946 0000")
    assert [one for one in wanted if one not in page.codes] == []
    assert "models/tiny/train.py:7" in page.codes
    assert "verifier check tiny --again\n" in page.codes


def test_models_that_were_not_checked_are_listed_with_the_reason() -> None:
    page = summary_markdown(whole_run())
    assert (
        "<details><summary>1 model not affected by what changed since <code>abc123</code></summary>" in page
    )
    assert "- <code>spared</code>: <code>its derivation is that of abc123</code>" in page
    assert "- <code>tiny</code>: <code>train.py changed</code>" in page


def test_verified_run_is_short() -> None:
    page = summary_markdown(make_run(make_row()))
    assert page.startswith("## verified: <code>tiny 1.0.0</code>\n")
    assert "###" not in page


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_in_code(text: str) -> None:
    page = Read(summary_markdown(named(text)))
    assert set(page.tags) <= OURS
    assert any(printable(text)[:100] in code for code in page.codes)
    assert not any(sign in page.bare for sign in "@\\`<>$#[")


@given(texts)
def test_any_text_comes_to_the_same_page(text: str) -> None:
    page, tame = Read(summary_markdown(named(text))), Read(summary_markdown(named("tame")))
    assert page.tags == tame.tags
    assert page.bare == tame.bare


@given(texts)
def test_code_shows_any_text_as_it_is(text: str) -> None:
    assert Read(code(text, 10_000)).codes == [printable(text)]


@given(texts)
def test_code_is_one_cell(text: str) -> None:
    page = Read(f"| a | b |\n| --- | --- |\n| {code(text, 10_000)} | c |")
    assert page.tags.count("td") == 2


def test_long_names_are_cut() -> None:
    assert Read(code(LONG)).codes == [f"{LONG[:199]}…"]


def size(page: str) -> int:
    return len(page.encode())


def test_page_of_many_failures_fits_a_comment_and_says_what_is_left_out() -> None:
    page = summary_markdown(many(200))
    assert 40_000 < size(page) < 65_536
    shown = page.count("### failed")
    assert 20 < shown < 1_200
    assert (
        f"_… and {1_200 - shown} more alerts left out here for length; the other reports have all._" in page
    )
    assert Read(page).tags.count("tr") == 201


def test_page_of_many_hostile_models_fits_too() -> None:
    spared = tuple(Unaffected(model=f"{LONG}{n}\U0001f600@", why=LONG) for n in range(3_000))
    run = replace(many(3_000), unaffected=spared, why=tuple((LONG, LONG) for _ in range(3_000)))
    page = summary_markdown(run)
    assert size(page) < 65_536
    assert page.count("left out here for length") == 4
    assert page.count("<details>") == page.count("</details>") == 2


def test_page_of_the_largest_texts_fits() -> None:
    assert size(summary_markdown(named("\U0001f600`" * 40_000))) < 65_536


def test_nothing_to_check_is_said() -> None:
    run = Run(time="", verdicts=(), unaffected=(Unaffected(model="a", why="same"),), since="main")
    assert summary_markdown(run).startswith(
        "## nothing to check: <code>the change since main reaches no model</code>"
    )
