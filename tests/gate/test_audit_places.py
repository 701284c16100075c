"""What `verifier audit` reads and writes over: odd names, links, and the ledger itself."""

import json
import os
from pathlib import Path

import pytest

from tests.gate.running import said_by, verify
from tests.gate.scene import Gate, private
from tests.gate.spoils import edited_metrics
from tests.gate.test_audit import audit
from tests.small_disk import small_disk
from verifier.ledger.database import begin_ledger
from verifier.ledger.ledger import open_ledger


def begins(path: Path) -> bytes:
    return path.read_bytes()[:16]


@pytest.mark.parametrize("name", [b"b\xff", b"b\n\x1b[31m", "b\u202e".encode(), b"b" * 240])
def test_refusal_of_a_folder_with_any_name_is_on_record(name: bytes, gate: Gate) -> None:
    edited_metrics(gate)
    odd = gate.folder / os.fsdecode(name)
    gate.bundle.rename(odd)
    argv = gate.arguments
    argv[1] = str(odd)
    assert said_by(*argv).code == 1
    said = audit(gate, "log")
    assert said.code == 0
    assert len(said.document["entries"]) == 2
    assert "\x1b" not in said.out
    assert audit(gate, "check").code == 0


@pytest.mark.parametrize("prefix", ["", "sqlite:///", "sqlite+pysqlite:///"])
@pytest.mark.parametrize("action", ["log", "check"])
def test_json_is_not_written_over_the_ledger(action: str, prefix: str, gate: Gate) -> None:
    before = gate.ledger.read_bytes()
    argv = ["audit", action, "--ledger", f"{prefix}{gate.ledger}", "--json", str(gate.ledger)]
    assert said_by(*argv).code == 2
    assert gate.ledger.read_bytes() == before


def test_gate_writes_nothing_over_the_ledger(gate: Gate, key: Path) -> None:
    before = gate.ledger.read_bytes()
    assert said_by(*gate.arguments, "--json", str(gate.ledger)).code == 2
    summary = ["--summary", str(gate.ledger), "--summary-key", str(key)]
    assert said_by(*gate.arguments, *summary).code == 2
    assert gate.ledger.read_bytes() == before


def test_approve_writes_nothing_over_the_ledger(gate: Gate) -> None:
    before = gate.ledger.read_bytes()
    alice = gate.folder / "alice.pem"
    alice.write_bytes(private("alice"))
    named = ["--as", "alice", "--key", str(alice), "--policy", str(gate.policy)]
    over = ["--ledger", str(gate.ledger), "--json", str(gate.ledger)]
    assert said_by("approve", str(gate.bundle), *named, *over).code == 2
    assert gate.ledger.read_bytes() == before


def test_checkpoint_is_not_written_over_the_ledger(gate: Gate, key: Path) -> None:
    before = gate.ledger.read_bytes()
    assert audit(gate, "checkpoint", "--key", key, "-o", gate.ledger).code == 2
    assert gate.ledger.read_bytes() == before


def test_checkpoint_replaces_an_older_one_alone(gate: Gate, key: Path) -> None:
    """One that the ledger contradicts is the only proof of what was cut off."""
    kept, spare = gate.folder / "checkpoint", gate.folder / "spare.sqlite"
    spare.write_bytes(gate.ledger.read_bytes())
    assert verify(gate).code == 0
    assert audit(gate, "checkpoint", "--key", key, "-o", kept).code == 0
    assert verify(gate).code == 0
    assert audit(gate, "checkpoint", "--key", key, "-o", kept).code == 0
    signed = kept.read_bytes()
    spare.replace(gate.ledger)  # the ledger as it was before all of that
    said = audit(gate, "checkpoint", "--key", key, "-o", kept)
    assert said.code == 1
    assert "it counts 3 entries, and there are 0" in said.out
    assert kept.read_bytes() == signed


def test_checkpoint_replaces_no_other_file(gate: Gate, key: Path) -> None:
    other = gate.folder / "notes.txt"
    other.write_text("mine")
    assert audit(gate, "checkpoint", "--key", key, "-o", other).code == 2
    assert other.read_text() == "mine"


@pytest.mark.parametrize("url", ["", "a\0b", "sqlite:///a\0b", "sqlite://", "mysql://x/y"])
@pytest.mark.parametrize("action", ["begin", "check", "log"])
def test_name_that_no_ledger_has_is_bad_input(action: str, url: str) -> None:
    assert said_by("audit", action, "--ledger", url).code == 2


def test_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 256) as disk:
        url = str(disk / "ledger.sqlite")
        begin_ledger(url)
        with open_ledger(url) as ledger, ledger.locked() as book:
            book.append("check", "tiny", {})
        document = {"noise": "x" * 400_000}
        with pytest.raises(Exception, match="full"), open_ledger(url) as ledger, ledger.locked() as book:
            book.append("check", "tiny", {})
            book.append("check", "tiny", document)
        assert said_by("audit", "check", "--ledger", url).code == 0
        with open_ledger(url) as ledger, ledger.locked() as book:
            book.append("check", "tiny", {})
        with open_ledger(url) as ledger:
            assert [entry.number for entry in ledger.entries()] == [1, 2]


def test_ledger_that_could_not_be_begun_can_be_begun_again(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 64) as disk:
        noise = disk / "noise"
        noise.write_bytes(bytes(60 << 10))
        url = str(disk / "ledger.sqlite")
        assert said_by("audit", "begin", "--ledger", url).code == 3
        assert [path.name for path in disk.iterdir()] == ["noise"]
        noise.unlink()
        said = said_by("audit", "begin", "--ledger", url)
        assert said.code == 0, json.dumps(said.err)
