"""`verifier revoke`: what it signs is what the gate asks; a list does not go back."""

import json
from pathlib import Path

import pytest
import yaml

from tests.gate.keys import key_file
from tests.gate.running import Said, said_by, verify
from tests.gate.scene import KEYS, Gate
from verifier.signing.envelope import read_signed
from verifier.signing.keys import fingerprint
from verifier.signing.revocations import parse_revocations
from verifier.signing.statement import parse_statement


def revoke(gate: Gate, *more: str, by: str = "security", output: Path | None = None, **what: object) -> Said:
    """Signs a list; by default the next one."""
    text = gate.folder / "list.yaml"
    text.write_text(yaml.safe_dump({"number": 2, **what}))
    key = key_file(gate.folder, by)
    return said_by("revoke", str(text), "--key", str(key), "-o", str(output or gate.revocations), *more)


def test_revoked_bundle_is_refused(gate: Gate) -> None:
    said = revoke(gate, digests=[{"sha256": gate.contents.root, "reason": "poisoned"}])
    assert said.code == 0, said.err
    assert said.out == f"revoked  list 2: 1 digest, 0 signers, 0 derivations, in {gate.revocations}\n"
    done = verify(gate)
    assert done.reasons == {"revoked"}
    assert "poisoned" in done.out


def test_revoked_key_signs_nothing_that_counts(gate: Gate) -> None:
    """Its signatures have no proven time: the window does not help it."""
    stolen = {"key": fingerprint(KEYS["second"].public_key()), "reason": "stolen"}
    assert (
        revoke(
            gate, signers=[{**stolen, "from": "2020-01-01T00:00:00Z", "until": "2020-01-02T00:00:00Z"}]
        ).code
        == 0
    )
    assert "revoked" in verify(gate).reasons


def test_empty_list_lets_pass_what_is_in_order(gate: Gate) -> None:
    assert revoke(gate).code == 0
    assert verify(gate).code == 0


def test_list_of_whom_the_policy_does_not_name_is_refused(gate: Gate) -> None:
    assert revoke(gate, by="alice").code == 0
    assert "wrong-role" in verify(gate).reasons


def test_list_that_is_older_does_not_replace_the_one_there(gate: Gate) -> None:
    assert revoke(gate, number=7).code == 0
    before = gate.revocations.read_bytes()
    done = revoke(gate, number=6)
    assert (done.code, done.out) == (2, "")
    assert "holds another list 7" in done.err
    assert "number: 8" in done.err
    assert gate.revocations.read_bytes() == before


def test_list_that_says_something_else_needs_another_number(gate: Gate) -> None:
    assert revoke(gate, number=7, digests=[{"sha256": "0" * 64, "reason": "x"}]).code == 0
    assert revoke(gate, number=7).code == 2
    assert verify(gate).code == 0


def test_same_list_is_issued_anew(gate: Gate) -> None:
    """A policy may ask for a fresh one, and there may be nothing new to say."""
    assert revoke(gate, number=7).code == 0
    issued = parse_revocations(parse_statement(read_signed(gate.revocations).payload)).issued
    assert revoke(gate, number=7).code == 0
    again = parse_revocations(parse_statement(read_signed(gate.revocations).payload)).issued
    assert again >= issued


@pytest.mark.parametrize("content", ["thesis", "{}"])
def test_what_is_no_list_is_not_replaced(content: str, gate: Gate) -> None:
    output = gate.folder / "notes"
    output.write_text(content)
    done = revoke(gate, output=output)
    assert done.code == 2
    assert "is no signed list of revocations" in done.err
    assert output.read_text() == content


def test_statement_of_another_kind_is_not_replaced(gate: Gate) -> None:
    (approval,) = gate.statements.glob("approval-*")
    before = approval.read_bytes()
    assert revoke(gate, output=approval).code == 2
    assert approval.read_bytes() == before


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["-o", "-"], "goes to a file"),
        (["-o", "LIST"], "would change"),
        (["--json", "LIST"], "would change"),
        (["-o", "nowhere/list"], "cannot be written"),
        (["--identity-token-file", "x"], "are for --keyless"),
    ],
)
def test_bad_usage_is_one_sentence(more: list[str], said: str, gate: Gate) -> None:
    done = revoke(gate, *(str(gate.folder / "list.yaml") if word == "LIST" else word for word in more))
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert verify(gate).code == 0


def test_list_that_is_wrong_is_not_signed(gate: Gate) -> None:
    before = gate.revocations.read_bytes()
    done = revoke(gate, digest=[])
    assert done.code == 2
    assert "list.yaml, line 1: " in done.err
    assert "'digests'" in done.err
    assert gate.revocations.read_bytes() == before


def test_document_counts_what_is_revoked(gate: Gate) -> None:
    target = gate.folder / "revoked.json"
    assert revoke(gate, "--json", str(target), digests=[{"sha256": "0" * 64, "reason": "x"}]).code == 0
    assert json.loads(target.read_text()) == {
        "schema": "samebits/revoked/v1",
        "number": 2,
        "digests": 1,
        "signers": 0,
        "derivations": 0,
    }
