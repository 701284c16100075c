"""Models and people that want a *verified* that is not true; each was accepted once."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.integration.conftest import MODEL, Repository, run

RANDOM = """
import os
import numpy as np
from builder.runtime import paths, tensors
tensors.save(paths.output() / "model.safetensors", {"w": np.frombuffer(os.urandom(64), np.uint8)})
"""
COVER_UP = """
import os
from builder.runtime import metrics, paths
path = paths.step_input("train") / "model.safetensors"
content = bytearray(path.read_bytes())
content[-64:] = bytes(64)
os.chmod(path, 0o644)
path.write_bytes(content)
metrics.write({"sum": 1})
"""
LEFT_BEHIND = """
import os
import numpy as np
from builder.runtime import paths, tensors
path = paths.output() / "a.safetensors"
tensors.save(path, {"w": np.ones(3)})
tensors.save(paths.output() / "z.safetensors", {"w": np.ones(3_000_000)})
if os.fork() == 0:
    os.setsid()
    while "z.safetensors" not in open("/proc/1/maps").read():
        pass
    with open(path, "r+b") as file:
        file.seek(-8, 2)
        file.write(np.float64("nan").tobytes())
    os._exit(0)
"""
BUILT_WHILE_READING = """
let
  lucky = derivation {
    name = "lucky"; system = "x86_64-linux"; builder = "${toolchains.numpy}/bin/python3";
    PATH = "${toolchains.numpy}/bin"; args = [ "-c" "import os; open(os.environ['out'], 'w').write('7')" ];
  };
in
builtins.seq (builtins.readFile lucky) (
"""
PASSED_OFF_AS_A_FILE = """{ mkModel, toolchains, ... }:
let
  built = "BUILT";
  path = builtins.appendContext built { "${built}" = { path = true; }; };
in
"""


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only a store without build users lets a step write to its inputs"
)
def test_step_that_rewrites_its_input_is_caught(repository: Repository) -> None:
    repository.add_model("cover-up", {"train.py": RANDOM, "evaluate.py": COVER_UP})
    done = repository.verifier("check", "cover-up")
    assert done.code == 1, done.out + done.err
    assert "FAILED: changed after it was built" in done.out


def test_process_that_a_script_left_behind_writes_nothing_more(repository: Repository) -> None:
    repository.add_model("left-behind", {"train.py": LEFT_BEHIND})
    assert repository.verifier("check", "left-behind").code == 2 or all_finite(repository, "left-behind")


def all_finite(repository: Repository, name: str) -> bool:
    target = repository.root / "verdict.json"
    assert repository.verifier("check", name, "--json", str(target)).code == 0
    bundle = Path(json.loads(target.read_text())["verdicts"][0]["path"])
    return (bundle / "weights" / "a.safetensors").read_bytes()[-8:] == b"\0\0\0\0\0\0\xf0\x3f"


def test_nothing_is_built_while_the_flake_is_read(repository: Repository) -> None:
    folder = repository.add_model("lucky-model")
    head, body = MODEL.replace("NAME", "lucky-model").split(":\n", 1)
    (folder / "model.nix").write_text(f"{head}:{BUILT_WHILE_READING}{body.rstrip()})\n")
    done = repository.verifier("check", "lucky-model")
    assert done.code == 2, done.out + done.err
    assert "allow-import-from-derivation" in done.err


def test_built_output_does_not_pass_for_a_file_of_the_repository(repository: Repository) -> None:
    repository.add_model("honest")
    target = repository.root / "verdict.json"
    assert repository.verifier("check", "honest", "--json", str(target)).code == 0
    built = json.loads(target.read_text())["verdicts"][0]["path"]
    folder = repository.add_model("borrowed")
    body = MODEL.replace("NAME", "borrowed").split(":\n", 1)[1]
    data = 'data.w = { outPath = path; entry = { name = "w"; version = "1"; kind = "wheel"; role = "data";'
    data += f' file = "w.whl"; url = "mirror://pypi/w/w.whl"; size = 1; sha256 = "{"0" * 64}";'
    data += ' licence = "MIT"; }; storeName = "w.whl"; lock.request.python = "3.11"; };\n  card ='
    text = PASSED_OFF_AS_A_FILE.replace("BUILT", built) + body.replace("card =", data)
    (folder / "model.nix").write_text(text)
    done = repository.verifier("check", "borrowed")
    assert done.code == 1, done.out + done.err
    assert "is no plain file of a repository" in done.out


def test_fixed_file_that_is_in_no_lock_is_named(repository: Repository) -> None:
    (stored,) = Path("/nix/store").glob("*-libbz2-1.0_1.0.8-5+b1_amd64.deb")
    digest = subprocess.run(["sha256sum", str(stored)], capture_output=True, text=True, check=True).stdout[
        :64
    ]
    folder = repository.add_model("unlocked")
    data = 'data.w = derivation { name = "w.deb"; system = "x86_64-linux"; builder = "/none";'
    data += (
        f' outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "{digest}"; }} // {{ entry = {{'
    )
    data += ' name = "w"; version = "1"; kind = "wheel"; role = "data"; file = "w.whl";'
    data += f' url = "mirror://pypi/w/w.whl"; size = 1; sha256 = "{"0" * 64}"; licence = "MIT"; }};'
    data += ' storeName = "w.deb"; lock.request.python = "3.11"; };\n  card ='
    (folder / "model.nix").write_text(MODEL.replace("NAME", "unlocked").replace("card =", data))
    copy = repository.root / "w.deb"
    copy.write_bytes(stored.read_bytes())
    subprocess.run(["nix-store", "--add-fixed", "sha256", str(copy)], check=True, capture_output=True)
    done = repository.verifier("check", "unlocked")
    assert done.code == 1, done.out + done.err
    assert "w.deb is fixed by another sha256 than its lock states" in done.out


def test_version_that_writes_to_the_terminal_is_refused(repository: Repository) -> None:
    folder = repository.add_model("loud")
    text = (folder / "model.nix").read_text().rstrip()
    (folder / "model.nix").write_text(text + ' // { version = "1\\nverified  x"; }\n')
    done = repository.verifier("check", "loud")
    assert done.code == 2, done.out + done.err
    assert "verified" not in done.out


@pytest.mark.parametrize("lie", ["drvPath = 5;", 'drvPath = "";', "outPath = 5;", "train.drvPath = { };"])
def test_description_that_is_no_text_is_refused(lie: str, repository: Repository) -> None:
    folder = repository.add_model("odd")
    text = (folder / "model.nix").read_text().rstrip()
    (folder / "model.nix").write_text(f"{text} // {{ {lie} }}\n")
    assert repository.verifier("check", "odd").code == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="making a device needs root")
def test_device_named_by_json_is_written_to_and_stays(tmp_path: Path) -> None:
    device = tmp_path / "null"
    os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    assert run("verifier", "compare", str(tmp_path), str(tmp_path), "--json", str(device)).code in (0, 2)
    file = tmp_path / "file"
    file.write_text("x")
    assert run("verifier", "compare", str(file), str(file), "--json", str(device)).code == 0
    assert stat.S_ISCHR(device.stat().st_mode)


def test_folder_for_records_that_cannot_be_written_costs_no_verdict(repository: Repository) -> None:
    repository.add_model("forgetful")
    done = repository.verifier("check", "forgetful", environment={"XDG_STATE_HOME": "/proc/none"})
    assert done.code == 0, done.out + done.err
    assert "this check cannot be remembered" in done.err


@pytest.mark.parametrize("target", [".", "", "/dev/full/x", "x" * 300])
def test_bad_target_of_json_is_refused_at_once(target: str) -> None:
    done = run("verifier", "check", "digits", "--json", target)
    assert done.code == 2
    assert done.out == ""


def test_reader_who_leaves_early_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m verifier compare {tmp_path} {tmp_path} | true"
    done = subprocess.run(["sh", "-c", command], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
