"""What the commands around the gate write with --json matches its schema."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import REPOSITORY
from tests.gate.running import said_by, verify
from tests.gate.scene import Gate, private, public


def hold(document: object, schema: str) -> None:
    path = REPOSITORY / "verifier" / "schemas" / f"{schema}.schema.json"
    Draft202012Validator(json.loads(path.read_text())).validate(document)


@pytest.fixture
def asked(gate: Gate) -> dict[str, list[str]]:
    """The arguments of every action, in an order in which they work."""
    (gate.folder / "key.pem").write_bytes(private("ci"))
    (gate.folder / "key.pub").write_text(public("ci"))
    key, kept = ["--key", str(gate.folder / "key.pem")], str(gate.folder / "kept.json")
    ledger = ["--ledger", str(gate.ledger)]
    release = str(REPOSITORY / "models" / "digits" / "releases" / "1.3.0.json")
    assert verify(gate).code == 0
    return {
        "begin": ["begin", "--ledger", str(gate.folder / "another.sqlite")],
        "log": ["log", *ledger],
        "check": ["check", *ledger],
        "checkpoint": ["checkpoint", *ledger, *key, "-o", kept],
        "held": ["check", *ledger, "--checkpoint", kept, "--key", str(gate.folder / "key.pub")],
        "record": ["record", *ledger, release],
        "deployed": ["deployed", *ledger, "numpy"],
        "export": ["export", *ledger, str(gate.bundle), *key, "-o", str(gate.folder / "package")],
    }


def test_audit(asked: dict[str, list[str]], gate: Gate) -> None:
    target = gate.folder / "document.json"
    for name, arguments in asked.items():
        assert said_by("audit", *arguments, "--json", str(target)).code == 0, name
        document = json.loads(target.read_text())
        hold(document, "audit")
        assert document["action"] == arguments[0]


@pytest.mark.parametrize(
    ("command", "schema"),
    [
        (["sign", "{bundle}", "--key", "{folder}/ci.pem", "-o", "{folder}/new"], "signed"),
        (
            ["approve", "{bundle}", "--as", "alice", "--key", "{folder}/alice.pem", "--policy", "{policy}"],
            "approved",
        ),
        (
            ["revoke", "{folder}/revocations.yaml", "--key", "{folder}/ci.pem", "-o", "{folder}/list"],
            "revoked",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else one[0],
)
def test_signing(command: list[str], schema: str, gate: Gate) -> None:
    for name in ("ci", "alice"):
        (gate.folder / f"{name}.pem").write_bytes(private(name))
    places = {"bundle": gate.bundle, "folder": gate.folder, "policy": gate.policy}
    target = gate.folder / "document.json"
    said = said_by(*(word.format(**places) for word in command), "--json", str(target))
    assert said.code == 0, said.err
    hold(json.loads(Path(target).read_text()), schema)
