"""`verifier sign --contract`: the gate learns from it who owns a model, without git."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.conftest import REPOSITORY
from tests.gate.keys import key_file
from tests.gate.running import Said, said_by, verify
from tests.gate.scene import OWNERSHIP, Gate
from verifier.contract.reading import contract_ownership
from verifier.signing.contracts import parse_contract
from verifier.signing.envelope import read_signed
from verifier.signing.statement import parse_statement

OWNED = {
    "owner": "carol",
    "tier": "high",
    "approvers": ["alice", "bob", "ci"],
    "escalation": "on call",
    "intended_use": "tests",
}
METRICS = [{"name": "accuracy", "direction": "higher", "minimum": 0.1}]
METRICS[0] |= {"tolerance": {"absolute": 0.01}, "reason": "a test"}


def sign(gate: Gate, contract: Path) -> Said:
    key = key_file(gate.folder, "ci")
    return said_by("sign", str(gate.bundle), "--key", str(key), "--contract", str(contract))


def contract_of(gate: Gate, **changed: object) -> Path:
    said = {**OWNED, "metrics": METRICS, **changed}
    path = gate.folder / "contract.yaml"
    path.write_text(yaml.safe_dump({name: value for name, value in said.items() if value is not None}))
    return path


def test_signed_contract_says_who_owns_it(gate: Gate) -> None:
    gate.forget(["contract"])
    assert verify(gate).reasons == {"missing-statement"}
    contract = contract_of(gate)
    done = sign(gate, contract)
    assert done.code == 0, done.err
    assert "contract-" in done.out
    assert verify(gate).code == 0
    (path,) = gate.statements.glob("contract-*")
    statement = parse_statement(read_signed(path).payload)
    assert parse_contract(statement) == OWNERSHIP
    assert statement.predicate["contract_sha256"] == contract_ownership(contract)[1]


def test_without_a_contract_there_is_no_such_statement(gate: Gate) -> None:
    gate.forget(["contract"])
    key = key_file(gate.folder, "ci")
    assert said_by("sign", str(gate.bundle), "--key", str(key)).code == 0
    assert list(gate.statements.glob("contract-*")) == []


@pytest.mark.parametrize("part", ["owner", "tier", "approvers", "escalation", "intended_use"])
def test_contract_that_leaves_a_part_out_is_not_signed(part: str, gate: Gate) -> None:
    before = sorted(path.read_bytes() for path in gate.statements.iterdir())
    done = sign(gate, contract_of(gate, **{part: None}))
    assert (done.code, done.out) == (2, "")
    assert "contract.yaml" in done.err
    assert part in done.err
    assert sorted(path.read_bytes() for path in gate.statements.iterdir()) == before


def test_contract_of_metrics_alone_is_not_signed(gate: Gate) -> None:
    done = sign(gate, contract_of(gate, **dict.fromkeys(OWNED)))
    assert done.code == 2
    assert "it names no 'owner'" in done.err


def test_names_that_would_write_to_the_terminal_are_shown_escaped(gate: Gate) -> None:
    gate.release(ownership=replace(OWNERSHIP, owner="car\x1b[2Jol\u202e", intended_use="tests\nof two lines"))
    for done in (verify(gate), said_by(*gate.arguments)):
        assert all(line.isprintable() for line in (done.out + done.err).splitlines())
    assert done.code == 0


@pytest.mark.parametrize("model", ["digits", "kjv-gpt", "verses"])
def test_models_here_have_an_owner(model: str) -> None:
    ownership, sha256 = contract_ownership(REPOSITORY / "models" / model / "contract.yaml")
    assert ownership.owner not in ownership.approvers
    assert len(sha256) == 64
