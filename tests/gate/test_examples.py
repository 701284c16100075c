"""docs/examples/gate: the scripts are run with the real gate, the manifest is held against Kubernetes' schema."""

import os
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from tests.conftest import REPOSITORY
from tests.gate.scene import Gate
from tests.gate.spoils import without
from verifier.cli import parser

EXAMPLES = REPOSITORY / "docs" / "examples" / "gate"
MANIFEST = EXAMPLES / "init-container.yaml"


def run(script: str, *arguments: object, gate: Gate, **variables: str) -> "subprocess.CompletedProcess[str]":
    programs = gate.folder / "programs"
    programs.mkdir(exist_ok=True)
    verifier = programs / "verifier"
    verifier.write_text(f'#!/bin/sh\nPYTHONPATH={REPOSITORY} exec {sys.executable} -m verifier "$@"\n')
    verifier.chmod(0o755)
    return subprocess.run(
        ["sh", EXAMPLES / script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(gate.folder), **variables},
    )


def deployed(gate: Gate) -> "subprocess.CompletedProcess[str]":
    named = {
        "POLICY": str(gate.policy),
        "REVOCATIONS": str(gate.revocations),
        "SAMEBITS_LEDGER": str(gate.ledger),
    }
    return run("deploy.sh", gate.bundle, "production", gate.folder / "deployed", gate=gate, **named)


def started(gate: Gate) -> "subprocess.CompletedProcess[str]":
    folder = gate.folder / "gate"
    folder.mkdir()
    (folder / "policy.yaml").write_bytes(gate.policy.read_bytes())
    (folder / "revocations.json").write_bytes(gate.revocations.read_bytes())
    named = {"MODEL": str(gate.bundle), "GATE": str(folder), "VERIFIED": str(gate.folder / "model")}
    server = ["sh", "-c", "echo serving $MODEL; cat $MODEL/metrics.json"]
    return run("entrypoint.sh", *server, gate=gate, SAMEBITS_LEDGER=str(gate.ledger), **named)


def test_script_deploys_what_is_admitted(gate: Gate) -> None:
    done = deployed(gate)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (gate.folder / "deployed" / "metrics.json").read_bytes() == (
        gate.bundle / "metrics.json"
    ).read_bytes()
    assert f"deployed {gate.bundle} to production" in done.stdout


def test_script_deploys_nothing_that_is_refused(gate: Gate) -> None:
    without("approval")(gate)
    done = deployed(gate)
    assert done.returncode == 1
    assert "not-approved" in done.stdout
    assert "deployed " not in done.stdout.splitlines()[-1]
    assert not (gate.folder / "deployed").exists()


def test_container_starts_with_an_admitted_model(gate: Gate) -> None:
    done = started(gate)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"serving {gate.folder}/model" in done.stdout


def test_container_does_not_start_with_another(gate: Gate) -> None:
    without("signature")(gate)
    done = started(gate)
    assert done.returncode == 1
    assert "serving" not in done.stdout
    assert "the server does not start" in done.stderr


def test_manifest_is_one_that_kubernetes_takes() -> None:
    manifest = yaml.safe_load(MANIFEST.read_text())
    kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)
    manifest["spec"]["initContainers"][0]["comand"] = []
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


def test_manifest_calls_the_command_as_it_is() -> None:
    (gate,) = yaml.safe_load(MANIFEST.read_text())["spec"]["initContainers"]
    assert gate["command"] == ["verifier", "verify"]
    arguments = parser("verify").parse_args(["verify", *gate["args"]])
    assert arguments.bundle == Path("/incoming/digits")
    assert arguments.install == Path("/models/digits")


def test_server_sees_nothing_but_what_the_gate_installed() -> None:
    spec = yaml.safe_load(MANIFEST.read_text())["spec"]
    (server,) = spec["containers"]
    assert [(one["name"], one["readOnly"]) for one in server["volumeMounts"]] == [("models", True)]
    (gate,) = spec["initContainers"]
    writable = [one["name"] for one in gate["volumeMounts"] if not one.get("readOnly")]
    assert writable == ["models"]


def test_files_of_the_policy_are_mounted_one_by_one() -> None:
    """A ConfigMap that is mounted whole has links for files."""
    spec = yaml.safe_load(MANIFEST.read_text())["spec"]
    maps = {one["name"] for one in spec["volumes"] if "configMap" in one or "secret" in one}
    (gate,) = spec["initContainers"]
    mounts = [one for one in gate["volumeMounts"] if one["name"] in maps]
    named = [word.partition("=")[2] for word in gate["args"] if word.partition("=")[2].startswith("/gate/")]
    assert sorted(one["mountPath"] for one in mounts) == sorted(named)
    assert all(one["mountPath"].endswith(f"/{one['subPath']}") for one in mounts)


def test_policy_as_a_whole_config_map_has_it_is_bad_input(gate: Gate) -> None:
    data = gate.folder / "map" / "..data"
    data.mkdir(parents=True)
    (data / "policy.yaml").write_bytes(gate.policy.read_bytes())
    gate.policy.unlink()
    gate.policy.symlink_to(data / "policy.yaml")
    done = deployed(gate)
    assert done.returncode == 2
    assert "policy.yaml is not a plain file" in done.stderr
