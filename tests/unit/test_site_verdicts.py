"""Folders of verdicts: what is damaged, newer or something else is a sentence in the site, and never its end."""

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.unit.sites import TIME, document, older, page, put_verdicts, row, site, trouble, verdict
from verifier.errors import BadInput
from verifier.site.verdict_files import MOST_BYTES
from verifier.verdict import Status

FAILED = (row("prepare"), row("train", Status.FAILED), row("bundle", Status.NOT_CHECKED))


def problem(path: Path) -> str:
    """Returns the one sentence on a file, without its path, of a site that shows the file beside it."""
    put_verdicts(path.parent / "whole.json", document(verdict()))
    found = site(verdicts=[path.parent])
    assert [model.name for model in found.models] == ["tiny"]
    (sentence,) = found.problems
    assert sentence.startswith(str(path)) and sentence.endswith(".")
    return sentence.removeprefix(str(path)).strip()


def test_verdict_becomes_an_outcome(tmp_path: Path) -> None:
    path = put_verdicts(tmp_path / "deep" / "er" / "check.json", document(verdict()))
    found = page(verdicts=[tmp_path])
    (outcome,) = found.outcomes
    assert (outcome.time, outcome.version, outcome.verified) == (TIME, "1.0.0", True)
    assert (outcome.level, outcome.identifier) == ("bitwise", "tiny-1.0.0-0123456789ab")
    assert (outcome.not_passed, outcome.trouble, outcome.source) == ((), None, str(path))
    assert (found.owner, found.escalation) == ("maintainers", "call the desk")


def test_file_may_be_named_itself(tmp_path: Path) -> None:
    assert page(verdicts=[put_verdicts(tmp_path / "said", document(verdict()))]).outcomes


def test_what_did_not_pass_is_named_and_has_its_verdict(tmp_path: Path) -> None:
    failed = verdict(rows=FAILED)
    put_verdicts(tmp_path / "a.json", document(failed))
    put_verdicts(tmp_path / "b.json", document(verdict("1.1.0"), time="2026-11-26T11:00:00Z"))
    newest, outcome = page(verdicts=[tmp_path]).outcomes
    assert newest.verified and newest.verdict == verdict("1.1.0")
    assert not outcome.verified and outcome.not_passed == ("rebuild train", "rebuild bundle")
    assert outcome.verdict == failed


def test_warning_keeps_its_verdict_and_what_passed_long_ago_does_not(tmp_path: Path) -> None:
    warned = verdict("1.1.0", rows=(row(warned=True),))
    for hour, one in enumerate((verdict(), warned, verdict("1.2.0"))):
        put_verdicts(tmp_path / f"{hour}.json", document(one, time=f"2026-11-26T0{hour}:00:00Z"))
    outcomes = page(verdicts=[tmp_path]).outcomes
    assert [(one.version, one.verdict is not None) for one in outcomes] == [
        ("1.2.0", True),
        ("1.1.0", True),
        ("1.0.0", False),
    ]


def test_verdict_without_a_row_is_not_verified(tmp_path: Path) -> None:
    put_verdicts(tmp_path / "a.json", document(verdict(rows=())))
    assert not page(verdicts=[tmp_path]).outcomes[0].verified


def test_older_format_is_read_and_has_the_time_at_which_its_builds_ended(tmp_path: Path) -> None:
    put_verdicts(tmp_path / "a.json", older(document(verdict())))
    (outcome,) = page(verdicts=[tmp_path]).outcomes
    assert (outcome.time, outcome.verified) == ("2026-11-26T09:30:00Z", True)


def test_check_without_a_time_comes_last(tmp_path: Path) -> None:
    put_verdicts(tmp_path / "a.json", older(document(verdict("9.0.0", origin=None))))
    put_verdicts(tmp_path / "b.json", document(verdict()))
    put_verdicts(tmp_path / "c.json", document(verdict("2.0.0"), time="yesterday"))
    times = [one.time for one in page(verdicts=[tmp_path]).outcomes]
    assert times == [TIME, "2026-11-26T09:30:00Z", ""]


def test_trouble_is_an_outcome_of_each_model_that_it_names(tmp_path: Path) -> None:
    put_verdicts(tmp_path / "a.json", document(troubles=(trouble("tiny, other"),)))
    found = site(verdicts=[tmp_path]).models
    assert [one.name for one in found] == ["other", "tiny"]
    assert [one.outcomes[0].trouble for one in found] == ["the flake is gone"] * 2
    assert not found[0].outcomes[0].verified


def test_trouble_of_no_model_is_a_problem(tmp_path: Path) -> None:
    path = put_verdicts(tmp_path / "a.json", document(troubles=(trouble(""),)))
    assert site(verdicts=[tmp_path]).problems == (f"{path} names no model: the flake is gone.",)


def test_copy_of_a_file_counts_once(tmp_path: Path) -> None:
    first = put_verdicts(tmp_path / "a.json", document(verdict()))
    shutil.copy(first, tmp_path / "b.json")
    assert len(page(verdicts=[tmp_path, first]).outcomes) == 1


def test_half_written_file_is_a_problem(tmp_path: Path) -> None:
    whole = json.dumps(document(verdict()))
    for count, end in enumerate((0, 1, len(whole) // 2, len(whole) - 1)):
        folder = tmp_path / str(count)
        path = put_verdicts(folder / "half.json", whole[:end])
        assert problem(path).startswith("cannot be read as JSON: ")


def test_newer_format_is_a_problem_that_says_so(tmp_path: Path) -> None:
    path = put_verdicts(tmp_path / "a.json", {**document(verdict()), "schema": "samebits/verdicts/v3"})
    assert "was written by a newer Samebits: its format is samebits/verdicts/v3" in problem(path)


@pytest.mark.parametrize("value", [{}, [], "null", '{"schema": 7}', {"schema": "samebits/release/v1"}])
def test_something_else_is_a_problem(value: object, tmp_path: Path) -> None:
    path = put_verdicts(tmp_path / "a.json", json.dumps(value) if isinstance(value, list) else value)
    assert problem(path)


def test_member_of_the_wrong_kind_is_a_problem_with_its_place(tmp_path: Path) -> None:
    wrong = document(verdict())
    wrong["verdicts"][0]["rows"][0]["status"] = "splendid"
    path = put_verdicts(tmp_path / "a.json", wrong)
    assert problem(path).startswith("at verdicts/0/rows/0/status: 'splendid'")


def test_verdict_that_its_own_rows_deny_is_a_problem_and_the_rows_count(tmp_path: Path) -> None:
    forged = document(verdict(rows=FAILED))
    forged["verdicts"][0]["verified"] = True
    path = put_verdicts(tmp_path / "a.json", forged)
    found = site(verdicts=[tmp_path])
    assert not found.models[0].outcomes[0].verified
    assert found.problems == (f"{path} says that tiny is verified, and its rows say otherwise.",)


def test_bytes_that_are_no_text_are_a_problem(tmp_path: Path) -> None:
    assert "utf-8" in problem(put_verdicts(tmp_path / "a.json", b"\xff\xfe{}"))


def test_deep_nesting_is_a_problem(tmp_path: Path) -> None:
    assert problem(put_verdicts(tmp_path / "a.json", "[" * 100_000))


def test_pipe_and_link_are_problems_and_nobody_waits(tmp_path: Path) -> None:
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe" / "a.json")
    assert problem(tmp_path / "pipe" / "a.json") == "is not a plain file."
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "a.json").symlink_to("/dev/zero")
    assert problem(tmp_path / "link" / "a.json") == "is not a plain file."


def test_enormous_file_is_a_problem_and_is_not_read(tmp_path: Path) -> None:
    path = put_verdicts(tmp_path / "a.json", "")
    os.truncate(path, MOST_BYTES + 1)
    assert "at most" in problem(path)


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    put_verdicts(tmp_path / "in" / "a.json", document(verdict()))
    (tmp_path / "in" / "again").symlink_to(tmp_path)
    assert len(page(verdicts=[tmp_path]).outcomes) == 1


def test_hidden_files_and_other_endings_are_left_alone(tmp_path: Path) -> None:
    for name in (".git/a.json", ".a.json", "junit.xml"):
        put_verdicts(tmp_path / name, "{")
    assert site(verdicts=[tmp_path]).problems == ()


def test_place_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        site(verdicts=[tmp_path / "gone"])
    assert caught.value.sentence == f"{tmp_path / 'gone'} does not exist"


def test_thousands_of_problems_are_counted(tmp_path: Path) -> None:
    for number in range(250):
        put_verdicts(tmp_path / f"{number}.json", "{")
    problems = site(verdicts=[tmp_path]).problems
    assert (len(problems), problems[-1]) == (201, "50 more problems of this kind.")


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "\u202egnp.live", "x" * 300, "../../etc", "a/b", " "]
)
def test_hostile_name_is_a_name(name: str, tmp_path: Path) -> None:
    put_verdicts(tmp_path / "a.json", document(verdict(model=name, metrics={name: 0.5})))
    assert page(verdicts=[tmp_path]).name == name
