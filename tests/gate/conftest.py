"""One scene in which all is in order, made once; every test spoils a copy."""

from pathlib import Path

import pytest

from tests.gate.scene import Gate, make_gate, private
from verifier.ledger.database import begin_ledger


@pytest.fixture(scope="session")
def valid(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    gate = make_gate(tmp_path_factory.mktemp("gate"))
    begin_ledger(str(gate.ledger))
    return gate


@pytest.fixture
def gate(valid: Gate, tmp_path: Path) -> Gate:
    return valid.copy(tmp_path / "scene")


@pytest.fixture
def key(gate: Gate) -> Path:
    """The key of who signs checkpoints, summaries and packages."""
    path = gate.folder / "gate.pem"
    path.write_bytes(private("ci"))
    return path
