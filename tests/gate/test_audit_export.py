"""`verifier audit export`: what gets under the auditor's signature, and what does not."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gate.running import verify
from tests.gate.scene import OWNERSHIP, Gate
from tests.gate.spoils import edited_metrics, repackaged
from tests.gate.test_audit import audit
from tests.gate.test_audit_forged import gone
from verifier.signing.contracts import contract_statement


def package(gate: Gate) -> Path:
    return gate.folder / "package"


def left(gate: Gate) -> list[str]:
    """What an export left beside the bundle."""
    return sorted(path.name for path in gate.folder.iterdir() if "package" in path.name)


def items(gate: Gate) -> dict[str, list[str]]:
    document = json.loads((package(gate) / "annex-iv.json").read_text())
    return {one["item"]: one["files"] for one in document["items"]}


def link(gate: Gate) -> None:
    secret = gate.folder / "secret"
    secret.write_text("PRIVATE")
    (gate.statements / "contract-x.sigstore.json").symlink_to(secret)


def linked_statement(gate: Gate) -> None:
    (gate.statements / "contract-x.sigstore.json").symlink_to(next(gate.statements.glob("contract-*")))


def pipe(gate: Gate) -> None:
    os.mkfifo(gate.statements / "contract-x.sigstore.json")


def folder(gate: Gate) -> None:
    (gate.statements / "more").mkdir()


def junk(gate: Gate) -> None:
    (gate.statements / "contract-x.sigstore.json").write_text("{}")


def endless(gate: Gate) -> None:
    with (gate.statements / "contract-x.sigstore.json").open("wb") as file:
        file.truncate(6 << 30)


@pytest.mark.parametrize("spoil", [link, linked_statement, pipe, folder, junk, endless])
def test_what_is_no_statement_is_not_exported(spoil: Callable[[Gate], None], gate: Gate, key: Path) -> None:
    assert verify(gate).code == 0
    spoil(gate)
    said = audit(gate, "export", gate.bundle, "--key", key, "-o", package(gate))
    assert said.code == 1
    assert "NOT EXPORTED" in said.out
    assert "PRIVATE" not in said.out + said.err
    assert left(gate) == []


def test_contract_of_another_bundle_answers_nothing(gate: Gate, key: Path) -> None:
    """It is exported, since it lies there, but what it says is not about this bundle."""
    assert verify(gate).code == 0
    gate.forget(["contract"])
    other = gate.copy(gate.folder / "copy")
    repackaged(edited_metrics)(other)
    gate.state("contract", contract_statement(other.contents, OWNERSHIP, "0" * 64), "ci")
    assert audit(gate, "export", gate.bundle, "--key", key, "-o", package(gate)).code == 0
    assert len(list((package(gate) / "statements" / "about-others").glob("contract-*"))) == 1
    assert not any("contract-" in file for files in items(gate).values() for file in files)


def test_ledger_that_knows_nothing_of_it_answers_nothing(gate: Gate, key: Path) -> None:
    assert audit(gate, "export", gate.bundle, "--key", key, "-o", package(gate)).code == 0
    assert items(gate)["6"] == []
    assert not (package(gate) / "ledger.json").exists()


def test_ledger_with_a_gap_is_not_exported_from(gate: Gate, key: Path) -> None:
    assert verify(gate).code == 0
    gone(1)(gate)
    said = audit(gate, "export", gate.bundle, "--key", key, "-o", package(gate))
    assert (said.code, left(gate)) == (3, [])


@pytest.mark.parametrize("place", ["tiny/package", "tiny.statements/package", "tiny", "tiny.statements"])
def test_nothing_is_exported_into_what_is_exported(place: str, gate: Gate, key: Path) -> None:
    before = sorted(gate.folder.rglob("*"))
    said = audit(gate, "export", gate.bundle, "--key", key, "-o", gate.folder / place)
    assert said.code == 2
    assert [path for path in sorted(gate.folder.rglob("*")) if path.name != "gate.pem"] == [
        path for path in before if path.name != "gate.pem"
    ]


def test_signature_of_another_package_is_not_written_over(gate: Gate, key: Path) -> None:
    signature = gate.folder / "package.sigstore.json"
    signature.write_text("mine")
    assert audit(gate, "export", gate.bundle, "--key", key, "-o", package(gate)).code == 2
    assert signature.read_text() == "mine"
    assert left(gate) == ["package.sigstore.json"]
