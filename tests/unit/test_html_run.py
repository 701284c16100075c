"""The page of a run: one file, whose policy names the style and the script that are in it."""

import base64
import hashlib
import re
from dataclasses import replace

from tests.browser.example import example_run
from tests.browser.failing import passed_verdict, unchecked_verdict
from tests.unit.test_html_site import References
from verifier.report.html.page import run_page
from verifier.report.run import Run, Trouble, Unaffected
from verifier.verdict import Place

PAGE = run_page(example_run())


def heading(run: Run) -> str:
    return re.findall(r"<h1>(.*?)</h1>", run_page(run))[0]


def test_page_is_one_file() -> None:
    found = References(PAGE)
    assert [one for one in found.fetched if not one.startswith("data:")] == []
    assert all(link.startswith("#") for link in found.links)
    assert {link[1:] for link in found.links} <= set(found.identifiers)
    assert len(found.identifiers) == len(set(found.identifiers))
    assert found.styled == 0


def test_policy_names_the_style_and_the_script_by_their_digests() -> None:
    for tag in ("style", "script"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", PAGE, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in PAGE


def test_verdict_is_the_heading() -> None:
    passed, unchecked = passed_verdict("digits", "1"), unchecked_verdict("verses", "1")
    assert heading(Run(time="", verdicts=(passed,))) == "Verified"
    assert heading(Run(time="", verdicts=(passed, unchecked))) == "Not verified"
    assert heading(example_run()) == "Not verified"
    assert heading(Run(time="", verdicts=())) == "Not verified"


def test_alert_names_artefact_step_test_owner_and_command() -> None:
    (alert,) = re.findall(r'<article class="alert bad" id="a0">.*?</article>', PAGE, re.DOTALL)
    for said in ("train/weights.safetensors", "<bdi>train</bdi>", "rebuild train", "maintainers", "--again"):
        assert said in alert
    assert "Samebits" in alert and "models/kjv-gpt/train.py</bdi>:88" in alert


def test_table_counts_each_check() -> None:
    cells = re.findall(r'class="cell (\w+)"><svg .*?</svg>(.*?)</span>', PAGE)
    assert cells[:2] == [("bad", "FAILED 3 of 4"), ("idle", "not checked 8 of 8")]
    assert ("good", "ok") in cells


def test_alerts_that_say_the_same_are_one() -> None:
    assert PAGE.count("without two equal builds a variation shows nothing</bdi></p>") == 1
    assert "variation 8 of them" in PAGE


def test_warning_is_told() -> None:
    page = run_page(Run(time="", verdicts=(passed_verdict("verses", "1", warned=True),)))
    assert "more than 1.5 times warns" in page and "verified, warns" in page


def test_model_that_could_not_be_checked_has_its_advice() -> None:
    trouble = Trouble(model="m", sentence="no disk is left", advice="Free some.", exit_code=3)
    page = run_page(Run(time="", verdicts=(), troubles=(trouble,)))
    assert "no disk is left" in page and "Free some." in page
    assert "What failed" not in page
    assert "What failed" in run_page(Run(time="", verdicts=(), troubles=(replace(trouble, exit_code=2),)))


def test_model_that_is_not_affected_says_why() -> None:
    page = run_page(Run(time="", verdicts=(), unaffected=(Unaffected(model="m", why="same"),), since="main"))
    assert "not affected" in page and "same" in page and "compared with" in page


def test_place_outside_of_the_repository_is_not_shown() -> None:
    run = example_run()
    failed = run.verdicts[1]
    rows = tuple(replace(row, place=Place(file="/etc/passwd", line=1)) for row in failed.rows)
    assert "/etc/passwd" not in run_page(replace(run, verdicts=(replace(failed, rows=rows),)))


def test_model_without_a_version_is_not_called_nameless() -> None:
    assert "without a name" not in PAGE
    assert "without a name" in run_page(
        Run(time="", verdicts=(), unaffected=(Unaffected(model="", why="same"),))
    )
