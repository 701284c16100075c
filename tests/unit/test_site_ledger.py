"""What a site takes from a ledger, and that a check which a file tells of too is shown once."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.sites import chain, document, page, put_model, put_verdicts, row, site, verdict
from verifier import clock
from verifier.errors import BadInput, CouldNotCheck
from verifier.ledger.database import begin_ledger
from verifier.ledger.entries import ADMISSION, APPROVAL, CHECK, REFUSAL, RELEASE, make_entry
from verifier.ledger.importing import checks_in, release_body
from verifier.ledger.ledger import open_ledger
from verifier.site.recorded import recorded
from verifier.verdict import Status

IDENTIFIER = "tiny-1.0.0-0123456789ab"


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    url = str(tmp_path / "ledger.sqlite")
    begin_ledger(url)
    return url


def write(url: str, kind: str, body: dict) -> None:
    with open_ledger(url) as found, found.locked() as book:
        book.append(kind, "tiny", body)


def checked(url: str, said: dict) -> None:
    ((_, _, body),) = checks_in(said)
    write(url, CHECK, dict(body))


def test_check_on_record_is_an_outcome(ledger: str) -> None:
    checked(ledger, document(verdict(rows=(row("train", Status.FAILED),))))
    (outcome,) = page(ledger=ledger).outcomes
    assert (outcome.version, outcome.verified, outcome.identifier) == ("1.0.0", False, IDENTIFIER)
    assert (outcome.not_passed, outcome.source) == (("rebuild train",), "ledger, entry 1")
    assert clock.parse_time(outcome.time) and outcome.verdict is None


def test_check_of_a_file_and_of_the_ledger_is_one(ledger: str, tmp_path: Path) -> None:
    said = document(verdict(), time=clock.rfc3339(clock.now()))
    checked(ledger, said)
    path = put_verdicts(tmp_path / "a.json", said)
    (outcome,) = page(ledger=ledger, verdicts=[path]).outcomes
    assert outcome.source == f"{path}; ledger, entry 1" and outcome.verdict == verdict()


def test_check_that_is_recorded_long_after_is_the_same_check(ledger: str, tmp_path: Path) -> None:
    said = document(verdict(), time="2026-01-02T03:04:05Z")
    checked(ledger, said)
    path = put_verdicts(tmp_path / "a.json", said)
    (outcome,) = page(ledger=ledger, verdicts=[path]).outcomes
    assert outcome.time == "2026-01-02T03:04:05Z"


def test_entry_without_the_time_of_its_check_has_its_own(ledger: str, tmp_path: Path) -> None:
    checked(ledger, document(verdict(), time=""))
    path = put_verdicts(tmp_path / "a.json", document(verdict(), time=clock.rfc3339(clock.now())))
    (outcome,) = page(ledger=ledger, verdicts=[path]).outcomes
    assert outcome.source.endswith("; ledger, entry 1")


def test_nearest_check_is_the_pair(ledger: str, tmp_path: Path) -> None:
    for minute, name in enumerate(("early", "late")):
        said = document(verdict(), time=f"2026-01-02T03:0{minute}:00Z")
        put_verdicts(tmp_path / "verdicts" / f"{name}.json", said)
    checked(ledger, said)
    late, early = page(ledger=ledger, verdicts=[tmp_path / "verdicts"]).outcomes
    assert ("ledger" in late.source, "ledger" in early.source) == (True, False)


@pytest.mark.parametrize(
    "other",
    [
        {"time": clock.rfc3339(clock.now() - timedelta(hours=1))},
        {"verdict": verdict("1.0.1")},
        {"verdict": verdict(level="within tolerance")},
        {"verdict": verdict(rows=(row("train", Status.FAILED),))},
    ],
)
def test_another_check_is_shown_too(other: dict, ledger: str, tmp_path: Path) -> None:
    checked(ledger, document(verdict(), time=clock.rfc3339(clock.now())))
    said = document(other.get("verdict", verdict()), time=other.get("time", clock.rfc3339(clock.now())))
    path = put_verdicts(tmp_path / "a.json", said)
    assert len(page(ledger=ledger, verdicts=[path]).outcomes) == 2


def test_two_checks_that_say_the_same_have_a_pair_each(ledger: str, tmp_path: Path) -> None:
    said = document(verdict(), time=clock.rfc3339(clock.now()))
    checked(ledger, said)
    checked(ledger, said)
    path = put_verdicts(tmp_path / "a.json", said)
    assert len(page(ledger=ledger, verdicts=[path]).outcomes) == 2


def test_release_on_record_alone_has_no_metrics(ledger: str, tmp_path: Path) -> None:
    write(ledger, RELEASE, dict(release_body(chain(tmp_path / "made", "1.0.0")[0])))
    found = page(ledger=ledger)
    assert [(one.version, one.date, one.metrics) for one in found.releases] == [("1.0.0", "2026-11-25", {})]
    assert found.gaps == ("Releases are known from the ledger alone, which holds no metrics.",)


def test_release_that_the_folder_lacks_is_a_gap(ledger: str, tmp_path: Path) -> None:
    put_model(tmp_path / "models", "1.0.0")
    for one in chain(tmp_path / "again", "1.0.0", "1.1.0"):
        write(ledger, RELEASE, dict(release_body(one)))
    found = page(ledger=ledger, models=tmp_path / "models")
    assert [one.version for one in found.releases] == ["1.0.0", "1.1.0"]
    assert found.gaps == ("The ledger has releases that are not in the folder: 1.1.0.",)


def test_signers_are_proved_where_a_gate_found_so(ledger: str) -> None:
    write(ledger, APPROVAL, {"identifier": IDENTIFIER, "party": "alice"})
    for _ in range(2):
        write(ledger, ADMISSION, {"identifier": IDENTIFIER, "signers": ["ci"], "channel": "production"})
    write(ledger, REFUSAL, {"identifier": IDENTIFIER, "signers": ["mallory"], "channel": "production"})
    found = page(ledger=ledger).signers
    said = {(one.who, one.what, one.verified, one.source) for one in found}
    assert said == {
        ("alice", "approval", False, "ledger, entry 1"),
        ("ci", "signature over all files, admitted to production", True, "ledger, entry 3"),
    }


@pytest.mark.parametrize("kind", [CHECK, RELEASE, APPROVAL, ADMISSION])
@pytest.mark.parametrize(
    "body", [{}, {"signers": 7, "not_passed": {}, "verified": "yes", "party": [], "version": 1}]
)
def test_entry_that_says_something_else_is_no_traceback(kind: str, body: dict) -> None:
    entry = make_entry(number=1, time="", kind=kind, subject="tiny", body=body, previous="0" * 64)
    found = recorded([entry])
    assert all(not one.verified for _, one in found.outcomes)


def test_ledger_that_was_changed_ends_it(ledger: str) -> None:
    checked(ledger, document(verdict()))
    content = Path(ledger).read_bytes()
    assert content.count(b'"verified":true') == 1
    Path(ledger).write_bytes(content.replace(b'"verified":true', b'"verified":null'))
    with pytest.raises(CouldNotCheck, match="was changed"):
        site(ledger=ledger)


def test_ledger_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no ledger"):
        site(ledger=str(tmp_path / "gone.sqlite"))
