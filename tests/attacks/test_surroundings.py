"""What lies around a verification: where the bundle is, what is missing on the machine, who reads the report."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.attacks.attack import reasons, verify
from tests.attacks.scene import Scene, claimed
from tests.attacks.test_attacks import hold_to_form
from tests.attacks.trees import WEIGHTS
from tests.conftest import REPOSITORY
from verifier.signing.contents import read_contents
from verifier.signing.sign import KeySigner, statements_about, write_statements


@pytest.fixture
def scene(valid: dict[bool, Scene], tmp_path: Path) -> Scene:
    return valid[False].copy(tmp_path / "scene")


@pytest.mark.parametrize("keyless", [False, True])
def test_gate_needs_no_network_no_home_and_writes_nothing(
    keyless: bool, valid: dict[bool, Scene], tmp_path: Path
) -> None:
    scene = valid[keyless].copy(tmp_path / "scene")
    before = {path: path.lstat().st_ctime_ns for path in scene.folder.rglob("*")}
    command = ["unshare", "--net", "--user", "--map-root-user", sys.executable, "-B", "-m", "verifier"]
    command += ["verify", str(scene.bundle), *scene.who]
    done = subprocess.run(
        command, cwd=REPOSITORY, env={"HOME": "/nonexistent"}, capture_output=True, text=True, check=False
    )
    if "unshare failed" in done.stderr:
        pytest.skip(f"no namespaces here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert {path: path.lstat().st_ctime_ns for path in scene.folder.rglob("*")} == before


def test_link_to_a_bundle_is_followed_to_the_bundle(scene: Scene) -> None:
    """As `result` of nix build is one; the statements are named on their own."""
    link = scene.folder / "result"
    link.symlink_to(scene.bundle)
    assert verify(scene, "--statements", str(scene.statements)).code == 0
    os.truncate(scene.bundle / WEIGHTS, 5)
    scene.bundle.rename(scene.folder / "moved")
    scene.bundle.symlink_to("moved")
    assert reasons(verify(scene)) == {"contents-differ"}


def test_hard_links_are_refused_in_what_is_only_called_a_store(
    valid: dict[bool, Scene], tmp_path: Path
) -> None:
    scene = valid[False].copy(tmp_path / "nix" / "store" / "scene")
    (scene.folder / "second").hardlink_to(scene.bundle / WEIGHTS)
    assert reasons(verify(scene)) == {"link"}


def test_one_statement_by_a_stranger_spoils_the_rest(scene: Scene, valid: dict[bool, Scene]) -> None:
    """Everything in the folder has to pass: who can add a file can stop, never persuade."""
    other = valid[True].statement()
    (scene.statements / "theirs.json").write_bytes(other.read_bytes())
    assert reasons(verify(scene)) == {"wrong-signer"}


def test_builder_cannot_write_to_the_terminal(scene: Scene) -> None:
    builder = "https://example.org/\x1b[2J\u202e\x9b31m\nverified  all" + "x" * 10_000
    change = claimed(lambda v: v["predicate"]["runDetails"]["builder"].update(id=builder), "provenance")
    change(scene)
    said = verify(scene)
    hold_to_form(said)
    assert said.code == 0
    text = (scene.folder / "verdict.json").read_text()
    assert all(line.isprintable() for line in text.splitlines())
    (row,) = [row for row in said.document["rows"] if row["check"] == "provenance"]
    assert "\x1b[2J\u202e\x9b31m\n" in row["detail"]


def test_json_on_stdout_is_all_there_is(scene: Scene) -> None:
    said = verify(scene, "--json", "-")
    assert json.loads(said.out)["verified"] is True
    assert "verified  tiny" in said.err


def test_no_pin_is_enough_for_two(scene: Scene, valid: dict[bool, Scene], tmp_path: Path) -> None:
    """A second signer who may not sign is refused, also where the first one may."""
    stranger = KeySigner(ec.generate_private_key(ec.SECP256R1()))
    write_statements(statements_about(read_contents(scene.bundle), None, "x"), stranger, scene.statements)
    assert reasons(verify(scene)) == {"wrong-signer"}
