"""A channel goes forward, as its ledger knows; lists of revocations too."""

from datetime import timedelta

import pytest

from tests.gate.running import said_by, verify
from tests.gate.scene import Gate
from tests.gate.spoils import demanded, edited_metrics, ordered, repackaged
from tests.unit.bundles import change_manifest
from verifier import clock
from verifier.ledger.entries import ADMISSION, REFUSAL
from verifier.ledger.ledger import open_ledger


def admitted(gate: Gate, version: str, *, channel: str = "production", root: str = "0" * 64) -> None:
    """Writes down that a version was admitted."""
    with open_ledger(str(gate.ledger)) as ledger, ledger.locked() as book:
        book.append(ADMISSION, "tiny", {"version": version, "root_sha256": root, "channel": channel})


@pytest.mark.parametrize(
    ("before", "code"), [("0.9.0", 0), ("1.0.0-rc.1", 0), ("1.0.1", 1), ("1.0.0", 1), ("2.0.0", 1)]
)
def test_older_version_is_refused(before: str, code: int, gate: Gate) -> None:
    admitted(gate, before)
    said = verify(gate)
    assert said.code == code
    assert said.reasons == ({"rollback"} if code else set())


def test_same_bytes_again_are_admitted(gate: Gate) -> None:
    admitted(gate, "1.0.0", root=gate.contents.root)
    assert verify(gate).code == 0


def test_same_version_with_other_bytes_is_refused(gate: Gate) -> None:
    assert verify(gate).code == 0
    repackaged(edited_metrics)(gate)
    said = verify(gate)
    assert said.reasons == {"rollback"}
    assert "was admitted with other bytes" in said.out


def test_another_channel_and_another_model_do_not_count(gate: Gate) -> None:
    admitted(gate, "2.0.0", channel="staging")
    assert verify(gate).code == 0
    assert verify(gate, "--channel", "staging").reasons == {"rollback"}


def test_what_was_admitted_last_counts_not_what_is_greatest(gate: Gate) -> None:
    admitted(gate, "2.0.0")
    admitted(gate, "0.9.0")
    assert verify(gate).code == 0


def test_refused_version_is_not_admitted(gate: Gate) -> None:
    admitted(gate, "2.0.0")
    assert verify(gate).code == 1
    with open_ledger(str(gate.ledger)) as ledger:
        *_, last = ledger.entries()
    assert (last.kind, last.body["reasons"]) == (REFUSAL, ["rollback"])


def test_without_a_ledger_it_is_refused_where_the_tier_says_so(gate: Gate) -> None:
    named = [word for word in gate.arguments if word not in ("--ledger", str(gate.ledger))]
    said = said_by(*named)
    assert said.code == 1
    assert "without a ledger nobody knows" in said.out
    demanded(lambda tier: tier.update(rollback="allowed"))(gate)
    assert said_by(*named).code == 0


def test_missing_ledger_is_not_made_by_asking_for_it(gate: Gate) -> None:
    gate.ledger.unlink()
    said = said_by(*gate.arguments)
    assert said.code == 2
    assert "there is no ledger in" in said.err
    assert not gate.ledger.exists()


def test_older_list_of_revocations_is_refused_once_a_newer_was_seen(gate: Gate) -> None:
    gate.revoke(number=7)
    assert verify(gate).code == 0
    gate.revoke(number=6)
    assert verify(gate).reasons == {"stale-revocations"}


def test_newer_list_counts_even_where_the_bundle_was_refused(gate: Gate) -> None:
    gate.revoke(number=7, digests=[{"sha256": gate.contents.root, "reason": "poisoned"}])
    assert verify(gate).reasons == {"revoked"}
    gate.revoke(number=1)
    assert verify(gate).reasons == {"stale-revocations"}


def test_a_version_that_semver_does_not_know_never_gets_so_far(gate: Gate) -> None:
    change_manifest(gate.bundle, lambda value: value.update(version="one"))
    assert verify(gate).reasons == {"invalid-manifest"}


@pytest.mark.parametrize(
    "body", [{}, {"version": "1.0.0"}, {"version": "one", "root_sha256": "0" * 64}, {"version": 1}]
)
def test_admission_that_no_gate_wrote_is_said(body: dict, gate: Gate) -> None:
    with open_ledger(str(gate.ledger)) as ledger, ledger.locked() as book:
        book.append(ADMISSION, "tiny", {"channel": "production", **body})
    said = verify(gate)
    assert said.code == 3
    assert "is no admission" in said.err


@pytest.mark.parametrize("channel", ["", " ", "a b", "prod/eu", "-x", "a\n"])
def test_channel_without_a_name_is_bad_input(channel: str, gate: Gate) -> None:
    said = verify(gate, f"--channel={channel}")
    assert said.code == 2
    assert "is no name of a channel" in said.err


def test_channel_that_the_policy_does_not_have_is_bad_input(gate: Gate) -> None:
    ordered(lambda policy: policy.update(channels=["staging", "production"]))(gate)
    said = verify(gate, "--channel", "prodution")
    assert said.code == 2
    assert "did you mean 'production'?" in said.err
    assert verify(gate, "--channel", "staging").code == 0


def test_another_list_of_the_same_number_is_refused(gate: Gate) -> None:
    gate.revoke(number=7)
    assert verify(gate).code == 0
    gate.revoke(number=7, digests=[{"sha256": "0" * 64, "reason": "other"}])
    assert verify(gate).reasons == {"stale-revocations"}
    gate.revoke(number=7, issued=clock.now() - timedelta(hours=1))  # the same, issued at another time
    assert verify(gate).code == 0
