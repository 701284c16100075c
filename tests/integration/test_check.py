"""`verifier check` and `verifier compare` on the real model, in peace and under stress."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import REPOSITORY
from tests.integration.conftest import Repository, run
from tests.small_disk import small_disk as disk_of

SCHEMAS = REPOSITORY / "verifier" / "schemas"
CHECK = [sys.executable, "-m", "verifier", "check", "--vary", "none"]
SLOW = """
import time
import numpy as np
from builder.runtime import paths, tensors
from builder.runtime.events import progress
for i in range(200):
    progress(i, 200)
    time.sleep(0.1)
tensors.save(paths.output() / "model.safetensors", {"w": np.ones(3, np.float32)})
"""


def test_digits_is_verified_and_an_unchanged_model_is_known(tmp_path: Path) -> None:
    first = run("verifier", "check", "digits", "--json", str(tmp_path / "first.json"))
    assert first.code == 0, first.out + first.err
    assert first.out.startswith(
        "verified  digits 1.3.0: two builds on this machine and 14 variations, equal to the last bit\n\n"
    )
    second = run("verifier", "check", "digits", "--json", str(tmp_path / "second.json"))
    assert second.code == 0
    schema = json.loads((SCHEMAS / "verdicts.schema.json").read_text())
    for name in ("first", "second"):
        document = json.loads((tmp_path / f"{name}.json").read_text())
        Draft202012Validator(schema).validate(document)
        assert document["exit_code"] == 0
    verdicts = [
        json.loads((tmp_path / f"{name}.json").read_text())["verdicts"][0] for name in ("first", "second")
    ]
    rebuilt = [[row for row in verdict["rows"] if row["check"] == "rebuild"] for verdict in verdicts]
    assert {row["second"] for row in rebuilt[0]} == {"built here"}
    assert all(row["second"].startswith("known, ") for row in rebuilt[1])
    assert verdicts[0]["unchanged"] is None and verdicts[1]["unchanged"]
    assert "build:" not in second.err


def test_record_of_other_bits_is_not_believed(tmp_path: Path) -> None:
    assert run("verifier", "check", "digits").code == 0
    (record,) = (tmp_path / "state" / "samebits" / "rebuilds").iterdir()
    value = json.loads(record.read_text())
    value["hashes"] = dict.fromkeys(value["hashes"], "0" * 64)
    record.write_text(json.dumps(value))
    done = run("verifier", "check", "digits")
    assert done.code == 0
    assert "second build: digits-1.3.0-train" in done.err


def test_output_changed_in_the_store_is_caught(repository: Repository) -> None:
    """The store's database still says that all is well; our own hash says otherwise."""
    name = f"tampered-{os.getpid()}"  # of this run alone, since its output is spoiled
    repository.add_model(name)
    assert repository.verifier("check", name).code == 0
    (trained,) = Path("/nix/store").glob(f"*-{name}-1.0.0-train")
    weights = trained / "model.safetensors"
    good = weights.read_bytes()
    weights.chmod(0o644)
    weights.write_bytes(good[:-1] + b"\xff")
    done = repository.verifier("check", name)
    weights.write_bytes(good)
    assert done.code == 1
    assert "First to differ: train\n  model.safetensors\n    tensor " in done.out


def test_manifest_spoiled_in_the_store_is_a_failed_check(repository: Repository) -> None:
    name = f"spoiled-{os.getpid()}"
    repository.add_model(name)
    assert repository.verifier("check", name).code == 0
    (bundle,) = (p for p in Path("/nix/store").glob(f"*-{name}-1.0.0") if p.is_dir())
    manifest = bundle / "manifest.json"
    good = manifest.read_bytes()
    manifest.chmod(0o644)
    manifest.write_bytes(b"{")
    done = repository.verifier("check", name)
    manifest.write_bytes(good)
    assert done.code == 1, done.err
    assert "First to differ: package\n  package: manifest.json\n" in done.out
    assert "manifest.json cannot be read as JSON" in done.out


def test_json_on_stdout_leaves_the_table_to_stderr() -> None:
    done = run("verifier", "check", "digits", "--json", "-")
    assert json.loads(done.out)["schema"] == "samebits/verdicts/v2"
    assert "verified  digits 1.3.0" in done.err


def test_several_models_get_a_verdict_each(repository: Repository) -> None:
    repository.add_model("good")
    repository.add_model("broken", {"train.py": "1 / 0"})
    done = repository.verifier("check", "broken", "good")
    assert "verified  good 1.0.0" in done.out
    assert "step train of broken" in done.err
    assert done.code == 2


def test_two_checks_at_once_both_end_well(repository: Repository, tmp_path: Path) -> None:
    repository.add_model("shared")
    argv = [
        *CHECK,
        "shared",
        "--flake",
        str(repository.root),
    ]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": REPOSITORY}
    running = [subprocess.Popen(argv, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    for process in running:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, out + err
    assert list((tmp_path / "cache" / "samebits").iterdir()) == []


@pytest.mark.parametrize(
    ("how", "whom"),
    [(signal.SIGINT, "group"), (signal.SIGTERM, "verifier alone"), (signal.SIGKILL, "group")],
    ids=["ctrl-c", "term", "kill"],
)
@pytest.mark.parametrize("which", ["first", "second"])
def test_interrupted_check_can_be_run_again(
    how: signal.Signals, whom: str, which: str, repository: Repository, tmp_path: Path
) -> None:
    """Ctrl-C, a polite and an impolite kill, in either build; then the same command, with a quick script."""
    quick = SLOW.replace("range(200)", "range(1)")
    only_on_one_core = "import os, time\nif len(os.sched_getaffinity(0)) < 2:\n    time.sleep(20)\n"
    name = f"slow-{which}-{how.name.lower()}"
    script = SLOW if which == "first" else only_on_one_core + quick
    folder = repository.add_model(name, {"train.py": script})
    argv = [*CHECK, name, "--flake", str(repository.root)]
    process = subprocess.Popen(
        argv,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(f"{which} build: {name}") and "train" in line:
            break
    time.sleep(0.5)
    start = time.monotonic()
    os.killpg(process.pid, how) if whom == "group" else os.kill(process.pid, how)
    rest = process.communicate(timeout=60)[1]
    assert time.monotonic() - start < 10
    assert process.returncode == (3 if how != signal.SIGKILL else -9)
    assert "Traceback" not in rest
    (folder / "train.py").write_text(quick)
    again = repository.verifier("check", name)
    assert again.code == 0, again.out + again.err
    assert list((tmp_path / "cache" / "samebits").iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 40 MB."""
    with disk_of(tmp_path / "small", 40 << 10) as folder:
        yield folder


def test_full_disk_is_said_and_loses_nothing(small_disk: Path) -> None:
    done = run("verifier", "check", "digits", environment={"XDG_CACHE_HOME": str(small_disk)})
    assert done.code == 3, done.out + done.err
    assert "room" in done.err or "full" in done.err
    assert list((small_disk / "samebits").iterdir()) == []
    assert run("verifier", "check", "digits").code == 0


def test_full_disk_stops_a_fetch_and_leaves_nothing(small_disk: Path, tmp_path: Path) -> None:
    store = {"NIX_REMOTE": str(small_disk / "store"), "NIX_CONFIG": "build-users-group ="}
    full = run("builder", "fetch", "digits", environment=store)
    assert full.code == 3
    assert "No space left on device" in full.err
    assert "Is there room on the disk" in full.err
    assert list((tmp_path / "cache" / "samebits").iterdir()) == []


def test_unwritable_json_is_said() -> None:
    done = run("verifier", "check", "digits", "--json", "/no/such/folder/verdict.json")
    assert done.code == 2
    assert "--json: '/no/such/folder/verdict.json' cannot be written: No such file" in done.err


def test_nix_that_cannot_sandbox_is_said(repository: Repository) -> None:
    """A user namespace in which no further one may be made, as on a machine that forbids them."""
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare")
    repository.add_model("unboxed")
    limit = "echo 0 > /proc/sys/user/max_mnt_namespaces; echo 0 > /proc/sys/user/max_net_namespaces; "
    limit += "echo 0 > /proc/sys/user/max_pid_namespaces; echo 0 > /proc/sys/user/max_user_namespaces; "
    command = f"{sys.executable} -m verifier check unboxed --flake {repository.root}"
    argv = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", limit + command]
    done = subprocess.run(argv, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "Nix cannot sandbox builds here" in done.stderr


def test_compare_says_what_differs(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "same").write_text("same")
    target = tmp_path / "result.json"
    same = run("verifier", "compare", str(tmp_path / "a"), str(tmp_path / "b"), "--json", str(target))
    assert same.code == 0
    assert "are the same to the last bit" in same.out
    (tmp_path / "b" / "extra").write_text("")
    other = run("verifier", "compare", str(tmp_path / "a"), str(tmp_path / "b"), "--json", str(target))
    assert other.code == 1
    assert "extra: extra in the second" in other.out
    schema = json.loads((SCHEMAS / "comparison.schema.json").read_text())
    Draft202012Validator(schema).validate(json.loads(target.read_text()))


def test_compare_with_nothing_is_said(tmp_path: Path) -> None:
    done = run("verifier", "compare", str(tmp_path), str(tmp_path / "none"))
    assert done.code == 2
    assert "does not exist" in done.err
