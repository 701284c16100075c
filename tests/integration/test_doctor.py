"""`verifier doctor` with real Nix: what it builds, that nothing of it stays, and a sandbox that is none."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.integration.conftest import Done, run

LIMITED = "echo {limit} > /proc/sys/user/max_user_namespaces && exec {python} -m verifier doctor --json -"


def parts_of(done: Done) -> dict[str, dict[str, str]]:
    return {one["part"]: one for one in json.loads(done.out)["parts"]}


def trials() -> list[str]:
    return [name for name in os.listdir("/nix/store") if "samebits-trial" in name]


def test_this_machine_can_check_and_nothing_of_the_trials_stays(tmp_path: Path) -> None:
    before = trials()
    done = run("verifier", "doctor", "--json", "-")
    parts = parts_of(done)
    assert done.code == 0, done.err
    assert {parts[name]["state"] for name in ("nix", "sandbox", "second store")} == {"ok"}
    assert "GB are free in" in parts["second store"]["detail"]
    assert trials() == before
    assert os.listdir(tmp_path / "cache" / "samebits") == []


def test_nix_without_a_sandbox_is_caught_by_what_the_build_sees(tmp_path: Path) -> None:
    wrapped = tmp_path / "nix-store"
    wrapped.write_text(f'#!/bin/sh\nexec {shutil.which("nix-store")} "$@" --option sandbox false\n')
    wrapped.chmod(0o755)
    done = run("verifier", "doctor", "--json", "-", environment=_before(tmp_path))
    parts = parts_of(done)
    assert done.code == 3
    assert parts["sandbox"]["state"] == "missing"
    assert "Nix builds without a sandbox" in parts["sandbox"]["detail"]
    assert parts["second store"]["state"] == "ok"  # Nix never builds there without one


def _before(folder: Path) -> Mapping[str, str]:
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def test_place_of_second_stores_that_cannot_be_written_keeps_from_every_check(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    environment = {"XDG_CACHE_HOME": str(tmp_path / "file")}
    done = run("verifier", "doctor", "--json", "-", environment=environment)
    parts = parts_of(done)
    assert done.code == 3
    assert parts["second store"]["state"] == "missing"
    assert "XDG_CACHE_HOME" in parts["second store"]["remedy"]
    assert parts["sandbox"]["state"] == "ok"


@pytest.mark.parametrize(("limit", "code", "missing"), [(0, 3, "sandbox"), (1, 0, "namespaces")])
def test_system_without_user_namespaces_is_told(limit: int, code: int, missing: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give all users to a namespace")
    done = _in_a_namespace(LIMITED.format(limit=limit, python=sys.executable))
    assert done.code == code, done.out + done.err
    assert parts_of(done)[missing]["state"] == "missing"
    assert "user namespaces" in parts_of(done)[missing]["remedy"]


def _in_a_namespace(script: str) -> Done:
    """Runs a script as the root of a user namespace that has all of this machine's users."""
    waiting = "echo ready; read go; exec sh -c " + shlex.quote(script)
    with subprocess.Popen(
        ["unshare", "--user", "sh", "-c", waiting],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    ) as process:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            pytest.skip("no user namespace can be made here")
        for users in ("uid_map", "gid_map"):
            Path(f"/proc/{process.pid}/{users}").write_text("0 0 65536\n")
        out, err = process.communicate("go\n")
    return Done(code=process.returncode, out=out, err=err)
