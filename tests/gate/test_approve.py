"""`verifier approve`: what it signs is what the gate counts; who may not approve is told so, and signs nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.gate.keys import key_file
from tests.gate.running import Said, said_by, verify
from tests.gate.scene import Gate, public
from verifier.ledger.ledger import open_ledger
from verifier.policy.reading import read_policy
from verifier.signing.approvals import parse_approval
from verifier.signing.envelope import read_signed
from verifier.signing.statement import parse_statement


def approve(gate: Gate, name: str, *more: str, key: str | None = None) -> Said:
    path = key_file(gate.folder, key or name)
    return said_by(*arguments(gate, name), "--key", str(path), *more)


def arguments(gate: Gate, name: str) -> list[str]:
    return ["approve", str(gate.bundle), "--as", name, "--policy", str(gate.policy)]


def approvals(gate: Gate) -> list[Path]:
    return sorted(gate.statements.glob("approval-*"))


def test_approval_is_what_the_gate_counts(gate: Gate) -> None:
    gate.forget(["approval"])
    assert verify(gate).reasons == {"not-approved"}
    said = approve(gate, "bob", "--comment", "looked at the metrics")
    assert said.code == 0, said.err
    assert said.out.startswith(f"approved  {gate.contents.identifier} by bob, in ")
    assert verify(gate).code == 0
    (path,) = approvals(gate)
    approval = parse_approval(parse_statement(read_signed(path).payload), gate.contents)
    assert approval.policy_sha256 == read_policy(gate.policy).sha256
    assert approval.comment == "looked at the metrics"


def test_approving_twice_replaces_the_own_file_and_counts_once(gate: Gate) -> None:
    gate.write_policy(lambda value: value["tiers"]["high"]["approvals"].update(count=2))
    gate.forget(["approval"])
    assert "was there" not in approve(gate, "bob").out
    assert "replaces it, and counts once" in approve(gate, "bob").out
    assert len(approvals(gate)) == 1
    assert verify(gate).reasons == {"not-approved"}
    approve(gate, "alice")
    assert len(approvals(gate)) == 2
    assert verify(gate).code == 0


def test_two_keys_of_one_party_count_once(gate: Gate) -> None:
    def bob_has_two(value: dict) -> None:
        value["tiers"]["high"]["approvals"]["count"] = 2
        value["parties"]["bob"]["keys"].append(public("stranger"))

    gate.write_policy(bob_has_two)
    gate.forget(["approval"])
    approve(gate, "bob")
    assert approve(gate, "bob", key="stranger").code == 0
    assert len(approvals(gate)) == 2
    assert verify(gate).reasons == {"not-approved"}


def test_policy_that_changed_since_is_another(gate: Gate) -> None:
    gate.forget(["approval"])
    approve(gate, "bob")
    gate.policy.write_text(gate.policy.read_text() + "# one line more\n")
    assert verify(gate).reasons == {"not-approved"}


@pytest.mark.parametrize(
    ("name", "key", "said", "advice"),
    [
        ("mallory", "stranger", "mallory is no party of", "Who may approve: alice, bob, ci."),
        ("security", "security", "security may approve nothing under", "alice, bob, ci"),
        ("alice", "bob", "is not alice's", "parties.alice"),
        ("alice", "stranger", "is not alice's", "parties.alice"),
    ],
)
def test_who_may_not_approve_is_told(name: str, key: str, said: str, advice: str, gate: Gate) -> None:
    before = [path.read_bytes() for path in approvals(gate)]
    done = approve(gate, name, key=key)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert advice in done.err
    assert [path.read_bytes() for path in approvals(gate)] == before


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda gate: gate.policy.unlink(), "does not exist"),
        (lambda gate: gate.policy.write_text("tiers: []\n"), "policy.yaml, line 1"),
        (lambda gate: gate.more.append("--comment=" + "x" * 2001), "more than 2000 letters"),
        (lambda gate: gate.more.append(f"-o{gate.bundle}/statements"), "lies in the bundle"),
        (lambda gate: gate.more.append(f"--json={gate.bundle}/x"), "would change"),
        (lambda gate: gate.more.append("--trust-config=x"), "are for --keyless"),
        (lambda gate: gate.more.append("--ledger=nowhere.sqlite"), "there is no ledger"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(spoil, said: str, gate: Gate) -> None:
    gate.forget(["approval"])
    spoil(gate)
    done = approve(gate, "bob", *gate.more)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert approvals(gate) == []
    assert verify_plain(gate).code == 0


def verify_plain(gate: Gate) -> Said:
    (gate.folder / "ci.pub").write_text(public("ci"))
    (gate.folder / "second.pub").write_text(public("second"))
    keys = [word for name in ("ci", "second") for word in ("--key", str(gate.folder / f"{name}.pub"))]
    return said_by("verify", str(gate.bundle), *keys)


def test_bundle_that_changed_is_not_approved(gate: Gate) -> None:
    gate.forget(["approval"])
    (gate.bundle / "metrics.json").write_text("{}")
    done = approve(gate, "bob")
    assert done.code == 1
    assert "NOT APPROVED" in done.out
    assert "contents-differ" in done.out
    assert approvals(gate) == []


def test_document_says_what_was_approved_and_by_whom(gate: Gate) -> None:
    target = gate.folder / "approved.json"
    assert approve(gate, "bob", "--json", str(target)).code == 0
    document = json.loads(target.read_text())
    contents = gate.contents
    assert document.pop("time").endswith("Z")
    assert Path(document.pop("statement")) in approvals(gate)
    assert document == {
        "schema": "samebits/approved/v1",
        "bundle": contents.identifier,
        "root_sha256": contents.root,
        "party": "bob",
    }


def test_approval_is_written_to_the_ledger(gate: Gate) -> None:
    assert approve(gate, "bob", "--ledger", str(gate.ledger), "--comment", "fine").code == 0
    with open_ledger(str(gate.ledger)) as ledger:
        (entry,) = [one for one in ledger.entries() if one.kind == "approval"]
    assert (entry.subject, entry.body["party"], entry.body["comment"]) == ("tiny", "bob", "fine")
    assert entry.body["policy_sha256"] == read_policy(gate.policy).sha256


def test_passphrase_comes_from_a_file(gate: Gate) -> None:
    key = key_file(gate.folder, "bob", b"correct horse")
    secret = gate.folder / "passphrase"
    secret.write_text("correct horse\n")
    words = [*arguments(gate, "bob"), "--key", str(key), "--passphrase-file", str(secret)]
    assert said_by(*words).code == 0
    secret.write_text("wrong\n")
    done = said_by(*words)
    assert done.code == 2
    assert "cannot be opened with this passphrase" in done.err


def test_command_needs_who_and_what() -> None:
    for words in ([], ["x"], ["x", "--as", "bob"], ["x", "--as", "bob", "--policy", "p"]):
        command = [sys.executable, "-m", "verifier", "approve", *words]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
        assert done.returncode == 2
        assert "required" in done.stderr
