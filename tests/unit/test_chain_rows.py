"""What workers said, as rows: who said what, and whether that passes."""

import pytest

from tests.unit.chained import piece
from verifier.chain.rows import Looked, chain_rows, elsewhere_row, piece_row
from verifier.chain.schedule import Attempt, Said
from verifier.verdict import Row, Status

SHA = "ab" * 32


def row(*attempts: Attempt, name: str = "train-2", **more) -> Row:
    return piece_row(Looked(piece=piece(name), sha256=SHA, attempts=attempts, **more))


def said(worker: str, what: Said, detail: str = "") -> Attempt:
    return Attempt(worker=worker, said=what, detail=detail)


def test_equal_piece_passes_and_says_who_rebuilt_it() -> None:
    found = row(said("local 1", Said.EQUAL))
    assert (found.status, found.detail) == (Status.PASSED, "equal")
    assert (found.first, found.second) == ("claimed", "rebuilt here")
    assert found.first_sha256 == found.second_sha256 == SHA


def test_piece_rebuilt_after_one_was_lost_names_who_rebuilt_it() -> None:
    found = row(said("local 1", Said.LOST, "died"), said("far", Said.EQUAL))
    assert (found.status, found.second) == (Status.PASSED, "rebuilt on far")


def test_piece_that_differs_fails_and_says_from_what_it_does_not_follow() -> None:
    both = said("local 1", Said.DIFFERS), said("far", Said.DIFFERS)
    found = row(*both, differences=("a", "b"), other_sha256="cd" * 32)
    assert found.status is Status.FAILED
    assert found.detail == "differs in 2 places: it does not follow from the claimed train-1"
    assert (found.second, found.second_sha256) == ("rebuilt here and on far", "cd" * 32)


def test_what_a_piece_is_made_from_is_named() -> None:
    differs = said("far", Said.DIFFERS)
    assert row(differs, name="train-1").detail == "differs: it does not follow from data and code"
    assert row(differs, name="train").detail.endswith("from the claimed train-1 to train-3")


def test_piece_that_cannot_be_built_fails_with_what_its_script_said() -> None:
    found = row(said("far", Said.FAILED, "step train of tiny: it is no number"))
    assert found.status is Status.FAILED
    assert found.detail == "it cannot be built from the claimed train-1: step train of tiny: it is no number"


def test_two_that_disagree_are_named_and_it_is_not_checked() -> None:
    found = row(said("local 1", Said.DIFFERS), said("far", Said.EQUAL))
    assert found.status is Status.NOT_CHECKED
    assert found.detail == "local 1 says that it differs, far says that it is equal; neither is believed"
    assert found.second_sha256 is None


def test_piece_that_nobody_could_rebuild_says_why() -> None:
    found = row(said("a", Said.LOST, "no line"), said("b", Said.LOST, "full"), nobody_left="c: gone")
    assert found.status is Status.NOT_CHECKED
    assert found.detail == "nobody could rebuild it: a: no line; b: full; c: gone"
    assert row().detail == "nobody could rebuild it: no worker was left"


def test_piece_that_was_stopped_says_why() -> None:
    found = row(stopped=(Status.NOT_CHECKED, "its claim lacks"))
    assert (found.status, found.detail, found.second) == (Status.NOT_CHECKED, "its claim lacks", "")


def test_piece_that_is_not_claimed_has_no_first() -> None:
    found = piece_row(Looked(piece=piece("train-1"), sha256=None, stopped=(Status.NOT_CHECKED, "lacks")))
    assert (found.first, found.first_sha256) == ("", None)


def test_links_in_order_are_one_row() -> None:
    (found,) = chain_rows(16, {}, 0)
    assert (found.check, found.subject, found.status) == ("chain", "16 chunks", Status.PASSED)
    assert chain_rows(16, {}, 2)[0].detail.endswith("2 of them could not be compared")
    assert chain_rows(0, {}, 0) == []


def test_each_broken_link_is_a_row() -> None:
    found = chain_rows(16, {"train-3": "a spliced chain", "train-9": "damaged"}, 0)
    assert [(one.subject, one.status) for one in found] == [
        ("train-3", Status.FAILED),
        ("train-9", Status.FAILED),
    ]


@pytest.mark.parametrize("status", Status)
def test_row_about_another_place_names_it(status: Status) -> None:
    plain = Row(check="rebuild", subject="prepare", status=status, detail="differs")
    found = elsewhere_row(plain, "far")
    assert (found.subject, found.status, found.detail) == ("prepare on far", status, "differs")
