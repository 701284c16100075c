"""How far a build agrees with what was released, where two builds of it are equal: as on a GPU of another kind."""

from pathlib import Path

import pytest

from tests.unit.contracts import declared
from tests.unit.released import OTHER, altered, make_document, release
from verifier.contract.terms import Closeness, Contract
from verifier.release.expected import Expected
from verifier.release.judging import agreement, metric_rows, release_rows
from verifier.verdict import BITWISE, WITHIN_TOLERANCE, Status

CLOSENESS = Closeness(absolute=0.001, agreement=1.0, reason="two GPU kinds")


@pytest.mark.parametrize(
    ("allowed", "moved", "level"),
    [(True, True, WITHIN_TOLERANCE), (False, True, BITWISE), (True, False, BITWISE)],
)
def test_other_bits_than_released_agree_within_tolerance_at_most(
    tmp_path: Path, allowed: bool, moved: bool, level: str
) -> None:
    built = make_document(tmp_path / "bundle")
    change = {"train": {**built["steps"]["train"], "nar_sha256": OTHER}} if moved else {}
    own = release(altered(built, lambda document: document["steps"].update(change)))
    contract = Contract(metrics=(declared(),), closeness=CLOSENESS if allowed else None)
    assert agreement(Expected(contract=contract, own=own), built, BITWISE) == level
    assert agreement(Expected(contract=contract), built, BITWISE) == BITWISE


@pytest.mark.parametrize("own", [True, False])
def test_contract_that_is_another_than_at_the_release_warns(tmp_path: Path, own: bool) -> None:
    """Whoever loosens a promise is not stopped by that promise, but it is told."""
    strict, loose = (Contract(metrics=(declared(amount=amount),)) for amount in (0.01, 0.4))
    built = make_document(tmp_path / "bundle", contract=loose)
    before = release(make_document(tmp_path / "again", contract=strict))
    (row,) = release_rows(Expected(contract=loose, own=before if own else None, before=before), built)
    assert (row.status, row.warned) == (Status.PASSED, True)
    assert row.detail.endswith("the contract is another: metrics.accuracy.tolerance.amount: 0.01 → 0.4")
    (same,) = release_rows(Expected(contract=strict, own=before), before.document)
    assert not same.warned


def test_within_tolerance_a_release_of_its_own_excuses_nothing(tmp_path: Path) -> None:
    """Whoever adds it by hand could write there how bad the change is; the release before holds too."""
    built = make_document(tmp_path / "bundle")
    own, before = (
        release(altered(built, lambda d, v=value: d["metrics"]["scalars"].update(accuracy=v)))
        for value in (0.5, 0.9)
    )
    contract = Contract(metrics=(declared(amount=0.01),), closeness=CLOSENESS)
    expected = Expected(contract=contract, own=own, before=before)
    (row,) = metric_rows(expected, built, WITHIN_TOLERANCE)
    assert row.status is Status.FAILED
    assert row.detail.startswith("0.5 is 0.4 below 0.9")
