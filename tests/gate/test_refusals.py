"""Whatever is wrong is refused, for its reasons and no other, by the real command; the rest is admitted."""

from collections import Counter

import pytest

from tests.conftest import REPOSITORY
from tests.gate.refusals import REFUSALS, Refusal, table
from tests.gate.running import verify
from tests.gate.scene import Gate
from verifier.signing.reasons import Reason

# Of what the bundle itself has; tests/attacks has all of these.
OF_THE_GATE = list(Reason)[list(Reason).index(Reason.WRONG_ROLE) :]


def test_what_is_in_order_is_admitted(gate: Gate) -> None:
    said = verify(gate)
    assert said.code == 0, said.out + said.err
    assert said.document["decision"]["levels"] == ["DETERMINISTIC", "SLSA_BUILD_REPRODUCED"]
    assert "admitted  tiny-1.0.0-" in said.out


@pytest.mark.parametrize("one", REFUSALS, ids=lambda one: one.name)
def test_what_is_wrong_is_refused(one: Refusal, gate: Gate) -> None:
    one.spoil(gate)
    said = verify(gate)
    assert said.code == 1, said.out + said.err
    assert said.reasons == set(map(str, one.reasons)), said.out
    assert "NOT ADMITTED" in said.out
    assert said.document["decision"]["levels"] == []


def test_every_refusal_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(one.name for one in REFUSALS).items() if count > 1] == []


def test_every_reason_of_the_gate_is_shown() -> None:
    shown = {reason for one in REFUSALS for reason in one.reasons}
    # The ledger and exceptions have tests of their own: test_rollback.py, test_exceptions.py.
    assert set(OF_THE_GATE) - shown == {Reason.ROLLBACK, Reason.EXCEPTION_EXPIRED}


def test_page_has_the_refusals_as_they_are_declared() -> None:
    page = (REPOSITORY / "docs" / "reference" / "gate.md").read_text(encoding="utf-8")
    assert page.endswith(f"\n{table()}\n"), "print it with python -m tests.gate"
