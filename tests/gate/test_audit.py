"""`verifier audit`: what is asked of a ledger, and what is answered; bad input ends in a sentence."""

import json
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.gate.running import Said, said_by, verify
from tests.gate.scene import Gate, private, public
from tests.gate.spoils import edited_metrics, repackaged, without
from verifier import clock
from verifier.ledger import ledger as module
from verifier.ledger.annex_iv import ITEMS, answers
from verifier.ledger.ledger import open_ledger

RELEASE = REPOSITORY / "models" / "digits" / "releases" / "1.3.0.json"


def audit(gate: Gate, action: str, *more: object) -> Said:
    """Runs an action on the scene's ledger, and reads its JSON."""
    target = gate.folder / "audit.json"
    target.unlink(missing_ok=True)
    argv = ["audit", action, "--ledger", str(gate.ledger), "--json", str(target), *map(str, more)]
    said = said_by(*argv)
    document = json.loads(target.read_text()) if target.exists() else None
    return Said(code=said.code, out=said.out, err=said.err, document=document)


def test_log_shows_every_decision_with_its_reasons(gate: Gate) -> None:
    assert verify(gate).code == 0
    without("approval")(gate)
    assert verify(gate).code == 1
    said = audit(gate, "log")
    assert [entry["kind"] for entry in said.document["entries"]] == ["revocations", "admission", "refusal"]
    assert "to production: not-approved" in said.out
    only = audit(gate, "log", "--kind", "refusal", "--model", "tiny").document["entries"]
    assert [entry["body"]["reasons"] for entry in only] == [["not-approved"]]
    assert audit(gate, "log", "--model", "other").document["entries"] == []


def test_folder_that_is_no_bundle_is_on_record_too(gate: Gate) -> None:
    edited_metrics(gate)
    assert verify(gate).code == 1
    last = audit(gate, "log").document["entries"][-1]
    assert (last["kind"], last["subject"], last["body"]["reasons"]) == (
        "refusal",
        "tiny",
        ["contents-differ"],
    )


def test_approval_is_on_record(gate: Gate) -> None:
    alice = gate.folder / "alice.pem"
    alice.write_bytes(private("alice"))
    named = ["--as", "alice", "--key", str(alice), "--policy", str(gate.policy), "--ledger", str(gate.ledger)]
    assert said_by("approve", str(gate.bundle), *named, "--comment", "looked at the metrics").code == 0
    (entry,) = audit(gate, "log", "--kind", "approval").document["entries"]
    assert (entry["body"]["party"], entry["body"]["comment"]) == ("alice", "looked at the metrics")


@pytest.mark.parametrize("word", ["numpy", "NUMPY", "numpy==2.4.6", "cp311", "mirror://pypi/numpy"])
def test_deployed_finds_a_source_by_what_it_is_called(word: str, gate: Gate) -> None:
    assert verify(gate).code == 0
    (found,) = audit(gate, "deployed", word).document["deployed"]
    assert (found["model"], found["channel"], found["sources"]) == ("tiny", "production", ["numpy 2.4.6"])


def test_deployed_finds_a_source_by_its_whole_sha256(gate: Gate) -> None:
    assert verify(gate).code == 0
    sha256 = json.loads((gate.bundle / "toolchain.json").read_text())["sources"][0]["sha256"]
    assert len(audit(gate, "deployed", sha256).document["deployed"]) == 1
    assert audit(gate, "deployed", sha256[:20]).document["deployed"] == []


@pytest.mark.parametrize("word", ["torch", "numpy==2.4.7"])
def test_deployed_finds_nothing_else(word: str, gate: Gate) -> None:
    assert verify(gate).code == 0
    said = audit(gate, "deployed", word)
    assert said.document["deployed"] == []
    assert f"nothing that is deployed contains {word}" in said.out


def test_deployed_is_what_a_channel_was_given_last(gate: Gate) -> None:
    assert verify(gate).code == 0
    first = gate.contents.identifier
    repackaged(edited_metrics)(gate)
    assert verify(gate, "--channel", "staging").code == 0
    found = audit(gate, "deployed", "numpy").document["deployed"]
    assert {one["channel"]: one["bundle"] for one in found} == {
        "production": first,
        "staging": gate.contents.identifier,
    }


def test_record_takes_releases(gate: Gate) -> None:
    assert audit(gate, "record", RELEASE).code == 0
    (entry,) = audit(gate, "log").document["entries"]
    assert (entry["kind"], entry["subject"], entry["body"]["version"]) == ("release", "digits", "1.3.0")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"schema": "samebits/verification/v2"}'])
def test_record_refuses_what_is_neither(content: str, gate: Gate) -> None:
    path = gate.folder / "other.json"
    path.write_text(content)
    said = audit(gate, "record", RELEASE, path)
    assert said.code == 2
    assert audit(gate, "log").document["entries"] == []  # all or nothing


def test_export_is_dated_signed_and_maps_every_item(gate: Gate, key: Path) -> None:
    assert verify(gate).code == 0
    package = gate.folder / "package"
    said = audit(gate, "export", gate.bundle, "--key", key, "-o", package)
    assert said.code == 0, said.err
    document = json.loads((package / "annex-iv.json").read_text())
    assert [one["item"] for one in document["items"]] == [one.number for one in ITEMS]
    by_item = {one["item"]: one for one in document["items"]}
    assert "metrics.json" in by_item["2(g)"]["files"]
    assert (by_item["9"]["covered"], by_item["9"]["to_do"]) == (False, "the provider has to write it")
    for one in document["items"]:
        assert all((package / file).is_file() for file in one["files"])
    assert "**not covered**" in (package / "annex-iv.md").read_text()
    kinds = [entry["kind"] for entry in json.loads((package / "ledger.json").read_text())]
    assert kinds == ["admission"]
    assert not (package / "weights").exists()
    pub = gate.folder / "gate.pub"
    pub.write_text(public("ci"))
    theirs = [REPOSITORY / ".venv" / "bin" / "model_signing", "verify", "key", package, "--public_key", pub]
    signature = ["--signature", gate.folder / "package.sigstore.json"]
    assert subprocess.run([*theirs, *signature], check=False, capture_output=True).returncode == 0
    (package / "annex-iv.md").write_text("all covered")
    assert subprocess.run([*theirs, *signature], check=False, capture_output=True).returncode != 0


def test_export_writes_over_nothing(gate: Gate, key: Path) -> None:
    package = gate.folder / "package"
    package.mkdir()
    said = audit(gate, "export", gate.bundle, "--key", key, "-o", package)
    assert said.code == 2
    assert list(package.iterdir()) == []


def test_export_of_a_bundle_that_was_changed_is_refused(gate: Gate, key: Path) -> None:
    edited_metrics(gate)
    said = audit(gate, "export", gate.bundle, "--key", key, "-o", gate.folder / "package")
    assert said.code == 1
    assert "NOT EXPORTED" in said.out
    assert not (gate.folder / "package").exists()


def test_item_without_a_file_is_not_covered() -> None:
    assert [one.item.number for one in answers([]) if one.files] == []
    assert {one.item.number for one in answers(["metrics.json"]) if one.files} == {"2(g)", "3"}


def test_without_a_ledger_it_says_how_to_name_one(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAMEBITS_LEDGER", raising=False)
    said = said_by("audit", "log")
    assert said.code == 2
    assert "SAMEBITS_LEDGER" in said.err


def test_variable_names_the_ledger(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMEBITS_LEDGER", str(gate.ledger))
    assert said_by("audit", "check").code == 0


@pytest.mark.parametrize(
    "content", [b"", b"no database at all, but some text", b"SQLite format 3\0" + b"\xff" * 2000]
)
def test_file_that_is_no_ledger_is_bad_input_or_cannot_be_read(content: bytes, gate: Gate) -> None:
    gate.ledger.write_bytes(content)
    assert audit(gate, "log").code in (2, 3)
    assert verify(gate).code in (2, 3)
    assert gate.ledger.read_bytes() == content


def test_clock_that_went_back_writes_nothing(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verify(gate).code == 0
    monkeypatch.setattr(module, "now", lambda: clock.now() - timedelta(minutes=6))
    said = verify(gate)
    assert said.code == 3
    assert "a ledger does not go back" in said.err
    with open_ledger(str(gate.ledger)) as opened:
        assert len(opened.entries()) == 2
