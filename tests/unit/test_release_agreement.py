"""How far a build agrees with what was released, where two builds of it are equal: as on a GPU of another kind."""

from pathlib import Path

import pytest

from tests.unit.contracts import declared
from tests.unit.released import OTHER, altered, make_document, release
from verifier.contract.terms import Closeness, Contract
from verifier.release.expected import Expected
from verifier.release.judging import agreement
from verifier.verdict import BITWISE, WITHIN_TOLERANCE

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
