"""Install: what it takes the place of, and whose turn it is where two gates install into one place."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.gate.running import verify
from tests.gate.scene import Gate
from tests.gate.spoils import demanded, edited_metrics, repackaged
from verifier.errors import BadInput
from verifier.gate.install import Stage, staged
from verifier.ledger.ledger import open_ledger
from verifier.signing.oms import root_digest
from verifier.signing.tree import read_tree


def target(gate: Gate) -> Path:
    return gate.folder / "deployed"


def a_site(place: Path) -> None:
    """What a web application has a manifest.json for."""
    place.mkdir()
    (place / "manifest.json").write_text('{"name": "an application", "start_url": "/"}')
    (place / "mine").write_text("mine")


def a_bundle_with_more(place: Path) -> None:
    (place / "code").chmod(0o755)
    (place / "code" / "mine").write_text("mine")


@pytest.mark.parametrize("make", [a_site, a_bundle_with_more], ids=lambda make: make.__name__)
def test_what_is_more_than_a_bundle_is_left_alone(make: Callable[[Path], None], gate: Gate) -> None:
    if make is a_bundle_with_more:
        assert verify(gate, "--install", str(target(gate))).code == 0
    make(target(gate))
    said = verify(gate, "--install", str(target(gate)))
    assert said.code == 2
    assert "is there, and is no installed bundle" in said.err
    assert [path.read_text() for path in target(gate).rglob("mine")] == ["mine"]


def test_what_came_to_the_place_while_files_were_copied_is_left_alone(gate: Gate) -> None:
    with staged(gate.bundle, gate.contents, target(gate)) as stage:
        a_site(target(gate))
        with pytest.raises(BadInput), stage.turn():
            pass
    assert (target(gate) / "mine").read_text() == "mine"


def test_of_two_gates_at_once_the_one_on_record_last_is_in_place(
    gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other begins and would end between the first one's record and its rename."""
    demanded(lambda tier: tier.update(rollback="allowed"))(gate)
    other = gate.copy(tmp_path / "other")
    repackaged(edited_metrics)(other)
    arguments = [str(gate.ledger) if word == str(other.ledger) else word for word in other.arguments]
    argv = [sys.executable, "-m", "verifier", *arguments, "--install", str(target(gate))]
    commit, started = Stage.commit, list["subprocess.Popen[bytes]"]()

    def late(stage: Stage) -> None:
        started.append(subprocess.Popen(argv, cwd=REPOSITORY, stdout=subprocess.DEVNULL))
        with suppress(subprocess.TimeoutExpired):
            started[0].wait(5)
        commit(stage)

    monkeypatch.setattr(Stage, "commit", late)
    assert verify(gate, "--install", str(target(gate))).code == 0
    assert started[0].wait(60) == 0
    with open_ledger(str(gate.ledger)) as ledger:
        *_, last = ledger.entries()
    assert last.body["root_sha256"] == root_digest(read_tree(target(gate))) == other.contents.root
