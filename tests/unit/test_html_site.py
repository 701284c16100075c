"""The files of a site: they refer to each other alone, and say what is known and what is not."""

import posixpath
import re
from dataclasses import replace
from html.parser import HTMLParser

from tests.browser.example import example_site
from verifier.report.html.names import model_file
from verifier.report.html.site import site_pages
from verifier.site.records import ModelPage, Outcome, Site

SITE = example_site()
PAGES = dict(site_pages(SITE))
FETCHED = {"img", "script", "link", "iframe", "object", "embed", "source", "video", "audio", "input"}


class References(HTMLParser):
    """All references of a page, and its identifiers."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.identifiers: list[str] = []
        self.styled = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for key, value in attrs:
            if key in ("href", "src", "action", "data", "srcset", "poster"):
                (self.fetched if tag in FETCHED else self.links).append(value or "")
            elif key == "id":
                self.identifiers.append(value or "")
            self.styled += key == "style" or key.startswith("on")


def pages() -> list[str]:
    return [name for name in PAGES if name.endswith(".html")]


def model(page: ModelPage) -> str:
    return dict(site_pages(Site(time="", models=(page,))))[model_file(page.name)]


def test_each_link_leads_to_a_file_and_a_place_that_are_there() -> None:
    identifiers = {name: set(References(PAGES[name]).identifiers) for name in pages()}
    for name in pages():
        for link in References(PAGES[name]).links:
            path, _, place = link.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            assert target in PAGES, (name, link)
            assert not place or place in identifiers.get(target, ()) or place.startswith("i-"), (name, link)


def test_page_fetches_the_files_of_the_site_alone() -> None:
    for name in pages():
        root = "../" if "/" in name else ""
        own = {f"{root}site.css", f"{root}site.js", f"{root}search-index.js"}
        fetched = {one for one in References(PAGES[name]).fetched if not one.startswith("data:")}
        assert fetched == own


def test_identifiers_are_unique_and_nothing_is_styled_or_scripted_in_place() -> None:
    for name in pages():
        found = References(PAGES[name])
        assert len(found.identifiers) == len(set(found.identifiers)), name
        assert found.styled == 0


def test_policy_of_each_page_allows_its_own_files_alone() -> None:
    for name in pages():
        (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', PAGES[name])
        assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'; img-src data:;")
        assert "unsafe" not in policy


def test_same_site_is_drawn_in_the_same_bits() -> None:
    assert dict(site_pages(example_site())) == PAGES


def test_each_failed_check_has_a_page_and_what_it_explains_does_not() -> None:
    failures = [name for name in PAGES if name.startswith("failures/kjv-gpt-1.3.0")]
    assert sorted(name.rpartition("-")[0] for name in failures) == [
        "failures/kjv-gpt-1.3.0-metric-bits-per-character",
        "failures/kjv-gpt-1.3.0-rebuild-train",
    ]


def test_page_of_a_failure_says_whose_it_is_and_what_to_type() -> None:
    (text,) = (PAGES[name] for name in PAGES if name.startswith("failures/kjv-gpt-1.3.0-rebuild-train"))
    for said in (
        "train/weights.safetensors",
        "maintainers",
        "an issue in the repository of Samebits",
        "verifier check kjv-gpt --again",
        "models/kjv-gpt/train.py</bdi>:88",
        "they part at step 214",
        "blocks.0.attention.weight: elements by relative difference",
        "the number of threads differs",
        "rebuild <bdi>evaluate</bdi>",
    ):
        assert said in text, said


def test_entry_without_a_verdict_has_no_page() -> None:
    outcome = Outcome(
        time="",
        version="1",
        verified=False,
        level="",
        identifier=None,
        not_passed=("rebuild train",),
        source="x",
    )
    page = ModelPage(name="m", outcomes=(outcome,))
    files = dict(site_pages(Site(time="", models=(page,))))
    assert not [name for name in files if name.startswith("failures/")]
    assert "rebuild train" in files[model_file("m")] and "not verified" in files[model_file("m")]


def test_same_failure_read_from_two_files_has_two_pages() -> None:
    page = SITE.models[1]
    twice = replace(page, outcomes=(page.outcomes[0], replace(page.outcomes[0], source="copy.json")))
    files = list(site_pages(Site(time="", models=(twice,))))
    assert len(files) == len(dict(files))
    assert len([name for name, _ in files if name.startswith("failures/")]) == 4


def test_site_without_models_says_so() -> None:
    text = dict(site_pages(Site(time="", models=(), problems=("x.json is no verdict",))))["index.html"]
    assert "No model is known here." in text
    assert "x.json is no verdict" in text


def test_model_of_which_nothing_is_known_is_shown() -> None:
    text = model(ModelPage(name="m"))
    assert "never checked" in text
    assert "No bundle of this model was at hand." in text
    assert "No signature is known here." in text


def test_what_is_only_claimed_is_called_so() -> None:
    text = model(SITE.models[0])
    assert text.count("verified by a gate") == 1
    assert text.count("claimed, not verified here") == 1


def test_what_is_not_shown_is_said() -> None:
    assert "the trace is damaged" in model(replace(SITE.models[0], gaps=("the trace is damaged",)))


def test_metric_of_a_hundred_classes_is_in_the_table_at_least() -> None:
    page = SITE.models[0]
    many = {f"recall of classes/{i}": 0.5 for i in range(100)}
    text = model(replace(page, bands={}, releases=tuple(replace(one, metrics=many) for one in page.releases)))
    assert "76 more are in the table only." in text
    assert "recall of classes/99</th>" in text


def test_release_without_a_metric_leaves_a_gap() -> None:
    text = model(SITE.models[0])
    (drawn,) = re.findall(r"<figure><figcaption><b><bdi>macro_f1</bdi>.*?</figure>", text, re.DOTALL)
    assert "1 without a value." in drawn


def test_older_checks_than_are_listed_are_counted() -> None:
    page = SITE.models[0]
    outcomes = tuple(replace(page.outcomes[0], source=f"{i}.json") for i in range(230))
    assert "30 older checks are not listed." in model(replace(page, outcomes=outcomes))


def test_search_finds_names_checks_and_identifiers() -> None:
    index = PAGES["search-index.js"]
    assert index.isascii() and index.startswith("window.samebitsIndex = [")
    assert "kjv-gpt: rebuild train" in index and SITE.models[0].releases[-1].identifier in index
