"""`verifier report site`: what has to be named, what is refused before anything is read, and what is said."""

import argparse
from pathlib import Path

import pytest

from tests.unit.sites import document, put_verdicts, verdict
from verifier.commands import report_site
from verifier.errors import BadInput
from verifier.ledger.writing import VARIABLE
from verifier.site.write import MARK


@pytest.fixture(autouse=True)
def no_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def run(*argv: object) -> int:
    parser = argparse.ArgumentParser()
    report_site.add_arguments(parser)
    return report_site.run(parser.parse_args(list(map(str, argv))))


def sentence(*argv: object) -> str:
    with pytest.raises(BadInput) as caught:
        run(*argv)
    return caught.value.sentence


def test_site_is_written_and_said_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put_verdicts(tmp_path / "verdicts" / "a.json", document(verdict()))
    half = put_verdicts(tmp_path / "verdicts" / "b.json", "{")
    assert run(tmp_path / "site", "--verdicts", tmp_path / "verdicts") == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "shown     1 model, 1 check, 1 release",
        f"site      {tmp_path / 'site' / 'index.html'}",
    ]
    assert said.err.startswith(f"verifier: {half} cannot be read as JSON: ")
    assert "tiny" in (tmp_path / "site" / "index.html").read_text()
    assert (tmp_path / "site" / MARK).is_file()


def test_something_has_to_be_named(tmp_path: Path) -> None:
    assert sentence(tmp_path / "site") == "there is nothing to draw a site of"
    assert sentence(tmp_path / "site", "--policy", "policy.yaml") == "there is nothing to draw a site of"


def test_site_never_replaces_what_it_is_drawn_from(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / MARK).write_text("")
    path = put_verdicts(tmp_path / "site" / "verdicts" / "a.json", document(verdict()))
    assert sentence(tmp_path / "site", "--verdicts", path) == f"the site would replace {path}"
    assert (
        sentence(tmp_path / "site", "--verdicts", tmp_path / "site")
        == f"the site would replace {tmp_path / 'site'}"
    )
    assert path.is_file()


def test_place_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("mine")
    assert sentence(tmp_path / "site", "--verdicts", tmp_path / "gone") == f"{tmp_path / 'site'} is no folder"


def test_only_a_few_problems_are_said_and_the_rest_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(8):
        put_verdicts(tmp_path / "verdicts" / f"\u202e{number}.json", "{")
    assert run(tmp_path / "site", "--verdicts", tmp_path / "verdicts") == 0
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 6 and said[-1] == "verifier: the site names 3 more."
    assert "\u202e" not in said[0]
