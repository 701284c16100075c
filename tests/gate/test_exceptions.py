"""Exceptions: what they let pass and what not, who sees them, and when they end."""

import json
from datetime import timedelta

import pytest

from tests.gate.running import verify
from tests.gate.scene import Gate, private
from tests.gate.spoils import edited_metrics, ordered, other_bits, pickled, repackaged, without
from verifier import clock
from verifier.ledger.entries import EXCEPTION
from verifier.ledger.ledger import open_ledger
from verifier.policy.terms import WAIVABLE
from verifier.signing.envelope import read_signed

TOMORROW = str((clock.now() + timedelta(days=1)).date())
LONG_AGO = "2025-01-31"


def exception(**changes: object) -> dict:
    said = {"id": "EX-1", "model": "tiny", "reasons": ["not-varied"], "why": "the emulator is broken"}
    said |= {"approver": "alice", "expires": TOMORROW, "link": "https://example.org/1"}
    return {**said, **changes}


def not_varied(policy: dict) -> None:
    policy["tiers"]["high"]["variations"].append("locale")


def excepted(gate: Gate, *exceptions: dict) -> None:
    """Demands a variation that nobody tried, and makes exceptions."""

    def change(policy: dict) -> None:
        not_varied(policy)
        policy["exceptions"] = list(exceptions)

    ordered(change)(gate)


def test_without_an_exception_it_is_refused(gate: Gate) -> None:
    excepted(gate)
    assert verify(gate).reasons == {"not-varied"}


def test_exception_lets_it_pass_and_is_seen_everywhere(gate: Gate) -> None:
    excepted(gate, exception())
    key = gate.folder / "summary.pem"
    key.write_bytes(private("ci"))
    said = verify(gate, "--summary", str(gate.folder / "summary.json"), "--summary-key", str(key))
    assert said.code == 0, said.out + said.err
    assert "excepted by EX-1: not-varied: " in said.out
    assert "the emulator is broken (https://example.org/1)" in said.out
    assert f"by exception EX-1 until {TOMORROW}" in said.out
    assert said.document["decision"]["exceptions"] == ["EX-1"]
    (row,) = (row for row in said.document["rows"] if row["excepted"])
    assert (row["reason"], row["status"]) == ("not-varied", "passed")
    summary = json.loads(read_signed(gate.folder / "summary.json").payload)["predicate"]
    assert summary["verificationResult"] == "PASSED"
    assert summary["samebits_exceptions"] == ["EX-1"]
    with open_ledger(str(gate.ledger)) as ledger:
        assert [e.body["id"] for e in ledger.entries() if e.kind == EXCEPTION] == ["EX-1"]


@pytest.mark.parametrize(
    "other",
    [{"model": "other"}, {"version": "1.0.1"}, {"bundle": "0" * 64}, {"reasons": ["rollback"]}],
    ids=lambda other: next(iter(other)),
)
def test_exception_for_something_else_does_not_help(other: dict, gate: Gate) -> None:
    excepted(gate, exception(**other))
    said = verify(gate)
    assert said.reasons == {"not-varied"}
    assert said.document["decision"]["exceptions"] == []


def test_exception_may_be_narrowed_to_this_version_and_bundle(gate: Gate) -> None:
    excepted(gate, exception(version="1.0.0", bundle=gate.contents.root))
    assert verify(gate).code == 0


def test_expired_exception_is_named(gate: Gate) -> None:
    excepted(gate, exception(expires=LONG_AGO))
    said = verify(gate)
    assert said.reasons == {"not-varied", "exception-expired"}
    assert f"it expired on {LONG_AGO}; alice gave it" in said.out


def test_expired_exception_that_nobody_needs_is_not_named(gate: Gate) -> None:
    ordered(lambda policy: policy.update(exceptions=[exception(expires=LONG_AGO)]))(gate)
    assert verify(gate).code == 0


def test_valid_exception_beside_an_expired_one_counts(gate: Gate) -> None:
    excepted(gate, exception(expires=LONG_AGO), exception(id="EX-2"))
    said = verify(gate)
    assert said.code == 0
    assert said.document["decision"]["exceptions"] == ["EX-2"]


def test_exception_lasts_until_the_end_of_its_day(gate: Gate) -> None:
    excepted(gate, exception(expires=str(clock.now().date())))
    assert verify(gate).code == 0


def test_all_that_can_be_excepted_leaves_alone_what_can_not(gate: Gate) -> None:
    """Whoever excepts everything still gets no other bits, no unsigned bundle and no contract of nobody."""
    ordered(lambda policy: policy.update(exceptions=[exception(reasons=sorted(WAIVABLE))]))(gate)
    other_bits(gate)
    assert verify(gate).reasons == {"disagreement"}
    repackaged(pickled)(gate)
    assert verify(gate).reasons == {"disagreement", "pickle"}
    without("contract")(gate)
    assert verify(gate).reasons == {"missing-statement"}
    edited_metrics(gate)
    assert verify(gate).reasons == {"contents-differ"}


def test_missing_evaluation_can_be_excepted(gate: Gate) -> None:
    ordered(lambda policy: policy.update(exceptions=[exception(reasons=["missing-statement"])]))(gate)
    without("evaluation")(gate)
    assert verify(gate).code == 0


@pytest.mark.parametrize(
    "code", ["disagreement", "revoked", "bad-signature", "contents-differ", "wrong-tier"]
)
def test_policy_that_excepts_the_rest_is_bad_input(code: str, gate: Gate) -> None:
    gate.write_policy(lambda policy: policy.update(exceptions=[exception(reasons=[code])]))
    said = verify(gate)
    assert said.code == 2
    assert f"no exception lets '{code}' pass" in said.err
