"""Install, interrupted: a full disk, a kill and another process leave all or nothing, and admit nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.gate.running import said_by, verify
from tests.gate.scene import Gate, private
from tests.small_disk import small_disk
from verifier.errors import BadInput, CouldNotCheck
from verifier.gate.install import staged
from verifier.ledger.database import begin_ledger
from verifier.ledger.ledger import open_ledger
from verifier.signing.tree import read_tree


def target(gate: Gate) -> Path:
    return gate.folder / "deployed"


def left(gate: Gate) -> list[str]:
    """What lies beside the target and should not."""
    return [path.name for path in gate.folder.iterdir() if ".installing-" in path.name]


def test_full_disk_installs_nothing_and_admits_nothing(gate: Gate, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 16) as disk:
        said = verify(gate, "--install", str(disk / "deployed"))
        assert said.code == 3
        assert "is full" in said.err
        assert list(disk.iterdir()) == []
    with open_ledger(str(gate.ledger)) as ledger:
        assert ledger.entries() == []


def test_ledger_on_a_full_disk_deploys_nothing(gate: Gate, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 44) as disk:
        place = disk / "ledger.sqlite"
        begin_ledger(str(place))
        (disk / "rest").write_bytes(b"x" * (disk_free(disk)))
        arguments = [str(place) if word == str(gate.ledger) else word for word in gate.arguments]
        said = said_by(*arguments, "--install", str(target(gate)))
        assert said.code == 3
        assert "the ledger cannot be used" in said.err
    assert not target(gate).exists()
    assert not left(gate)


def disk_free(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize


def test_summary_that_cannot_be_written_deploys_and_admits_nothing(gate: Gate, tmp_path: Path) -> None:
    key = gate.folder / "key.pem"
    key.write_bytes(private("ci"))
    with small_disk(tmp_path / "disk", 4) as disk:
        (disk / "rest").write_bytes(b"x" * disk_free(disk))
        (disk / "summary").touch()
        where = ["--summary", str(disk / "summary"), "--summary-key", str(key)]
        assert verify(gate, "--install", str(target(gate)), *where).code == 3
    assert not target(gate).exists()
    with open_ledger(str(gate.ledger)) as ledger:
        assert ledger.entries() == []


STAGED = """
import sys, time
from pathlib import Path
from verifier.gate.install import staged
from verifier.signing.contents import read_contents
bundle, target = map(Path, sys.argv[1:])
with staged(bundle, read_contents(bundle), target) as stage:
    print("staged", flush=True)
    time.sleep(60)
"""


def installing(gate: Gate) -> "subprocess.Popen[str]":
    """A process that has copied everything, and has not put it in place."""
    argv = [sys.executable, "-c", STAGED, str(gate.bundle), str(target(gate))]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    assert process.stdout.readline() == "staged\n"
    return process


def ended(process: "subprocess.Popen[str]") -> None:
    process.wait()
    process.stdout.close()


def test_killed_install_leaves_nothing_in_place_and_the_next_tidies_up(gate: Gate) -> None:
    process = installing(gate)
    process.send_signal(signal.SIGKILL)
    ended(process)
    assert not target(gate).exists()
    assert len(left(gate)) == 1
    assert verify(gate, "--install", str(target(gate))).code == 0
    assert not left(gate)


def test_interrupted_install_leaves_nothing(gate: Gate) -> None:
    process = installing(gate)
    process.send_signal(signal.SIGINT)
    ended(process)
    assert not target(gate).exists()
    assert not left(gate)


def test_install_of_another_process_is_not_taken_for_abandoned(gate: Gate) -> None:
    process = installing(gate)
    try:
        assert verify(gate, "--install", str(target(gate))).code == 0
        assert len(left(gate)) == 1
    finally:
        process.terminate()
        ended(process)


def test_without_leave_to_write_it_is_said(gate: Gate) -> None:
    with (
        pytest.raises(CouldNotCheck, match="cannot be written"),
        staged(gate.bundle, gate.contents, Path("/proc/deployed")),
    ):
        pass


def test_target_in_the_bundle_is_refused_before_anything_is_copied(gate: Gate) -> None:
    with pytest.raises(BadInput), staged(gate.bundle, gate.contents, gate.bundle / "weights" / "x"):
        pass
    assert read_tree(gate.bundle) == gate.contents.files
