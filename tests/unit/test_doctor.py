"""`verifier doctor` without Nix: each part by itself, the report, and machines on which little is right."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import REPOSITORY
from verifier.doctor.builds import ROOM_BYTES, why, with_room
from verifier.doctor.clients import CLIENTS, Client, find_client, find_driver
from verifier.doctor.found import Found, State, lacking
from verifier.doctor.machine import (
    LEVELS,
    describe_clock,
    describe_cores,
    describe_gpu,
    describe_processor,
    try_state_folder,
)
from verifier.doctor.program import NOT_SANDBOXED, trial_program
from verifier.nix import BuildFailed
from verifier.nixlog import Log
from verifier.report.examined import doctor_document, doctor_text
from verifier.schemas import OWN
from verifier.storepath import fixed_path

SCHEMA = json.loads((OWN / "doctor.schema.json").read_text())


def doctor(**environment: str) -> tuple[int, dict[str, Found], str]:
    """Runs the real command with nothing in its environment but this: the code, the parts, and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "verifier", "doctor", "--json", "-"],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
        env=environment,
    )
    assert "Traceback" not in done.stderr, done.stderr
    document = json.loads(done.stdout)
    Draft202012Validator(SCHEMA).validate(document)
    parts = [Found(**{**one, "state": State(one["state"])}) for one in document["parts"]]
    assert document["ready"] is (done.returncode == 0)
    return done.returncode, {one.part: one for one in parts}, done.stderr


def test_machine_with_nothing_on_its_path_is_not_ready_and_every_remedy_is_said(tmp_path: Path) -> None:
    code, parts, said = doctor(PATH=str(tmp_path), HOME=str(tmp_path))
    assert code == 3
    missing = {name for name, one in parts.items() if one.state is State.MISSING}
    assert {"nix", "sandbox", "second store", "namespaces", "emulation", "git", "openssl", "ssh"} <= missing
    assert parts["state folder"].state is State.OK
    assert "nix: Install Nix (Debian: apt-get install nix-bin)" in said
    assert "NOT READY  no model can be checked here for want of nix, sandbox, second store, git" in said
    assert all(parts[name].remedy for name in missing)


@pytest.mark.parametrize("script", ["#!/bin/sh\nexit 1\n", "#!/bin/sh\n", "#!/nowhere\n", "", "\0"])
def test_nix_that_does_not_run_is_missing(script: str, tmp_path: Path) -> None:
    (tmp_path / "nix").write_text(script)
    (tmp_path / "nix").chmod(0o755)
    code, parts, _ = doctor(PATH=str(tmp_path), HOME=str(tmp_path))
    assert code == 3
    assert parts["nix"].state is State.MISSING
    assert parts["sandbox"].detail == "not tried without Nix"


def test_old_nix_is_told_and_tried(tmp_path: Path) -> None:
    (tmp_path / "nix").write_text("#!/bin/sh\necho nix '(Nix)' 2.3.16\n")
    (tmp_path / "nix").chmod(0o755)
    _, parts, _ = doctor(PATH=str(tmp_path), HOME=str(tmp_path))
    assert parts["nix"].state is State.LIMITED
    assert parts["sandbox"].detail == "Nix is not installed: there is no nix-instantiate"


@pytest.mark.parametrize("home", ["/proc/nowhere", "/dev/null", "/dev/null/below"])
def test_home_that_cannot_be_written_keeps_from_every_check(home: str, tmp_path: Path) -> None:
    code, parts, _ = doctor(PATH=str(tmp_path), HOME=home)
    assert code == 3
    assert parts["state folder"].state is State.MISSING
    assert "XDG_STATE_HOME" in parts["state folder"].remedy


def test_state_folder_is_written_and_nothing_stays_in_it(tmp_path: Path) -> None:
    assert try_state_folder().state is State.OK
    assert os.listdir(tmp_path / "state" / "samebits") == []


@pytest.mark.parametrize(
    ("present", "allowed", "state", "words"),
    [
        (8, 8, State.OK, "8; the second build sees one"),
        (8, 2, State.OK, "2 of 8"),
        (1, 1, State.LIMITED, "there is one"),
        (8, 1, State.LIMITED, "may run on one of 8"),
    ],
)
def test_one_core_is_limited(present: int, allowed: int, state: State, words: str) -> None:
    found = describe_cores(present, allowed)
    assert found.state is state
    assert words in found.detail


def test_this_process_on_one_core_is_told_so(tmp_path: Path) -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        _, parts, _ = doctor(PATH=str(tmp_path), HOME=str(tmp_path))
    finally:
        os.sched_setaffinity(0, allowed)
    assert parts["cores"].state is State.LIMITED


@pytest.mark.parametrize(
    ("levels", "extra", "state", "words"),
    [
        (3, "", State.OK, "x86-64-v4; has the instructions of cpu-Nehalem, cpu-Haswell; lacks those of"),
        (2, "fma4 sse4a xop", State.OK, "x86-64-v3; has the instructions of cpu-Nehalem, cpu-Haswell, cpu-O"),
        (1, "avx", State.LIMITED, "cpu-Haswell (no abm, avx2, bmi1, bmi2, f16c, fma, movbe, xsave)"),
        (0, "", State.MISSING, "x86-64-v1; lacks those of cpu-Nehalem"),
    ],
)
def test_processor_is_told_by_its_instructions(levels: int, extra: str, state: State, words: str) -> None:
    flags = " ".join([*LEVELS[:levels], extra])
    found = describe_processor("x86_64", f"processor : 0\nmodel name\t: Some Chip\nflags\t\t: {flags}\n")
    assert found.state is state
    assert found.detail.startswith("Some Chip, ")
    assert words in found.detail
    assert bool(found.remedy) is (state is not State.OK)


def test_other_kind_of_machine_can_check_nothing() -> None:
    found = describe_processor("aarch64", "")
    assert lacking([found]) == [found]


def test_gpu_is_followed_from_its_node_to_nix(tmp_path: Path) -> None:
    assert describe_gpu({"cuda"}, tmp_path).state is State.MISSING
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "nvidiactl").touch()
    assert describe_gpu({"cuda"}, tmp_path).state is State.MISSING
    (tmp_path / "dev" / "nvidia0").touch()
    assert "lacks the driver's libcuda.so.1" in describe_gpu({"cuda"}, tmp_path).detail
    (tmp_path / "run/opengl-driver/lib").mkdir(parents=True)
    (tmp_path / "run/opengl-driver/lib/libcuda.so.1").touch()
    assert "extra-system-features = cuda" in describe_gpu((), tmp_path).remedy
    card = tmp_path / "proc/driver/nvidia/gpus/0000:01:00.0"
    card.mkdir(parents=True)
    (card / "information").write_text("Model: \t\t NVIDIA H100\nIRQ: 1\n")
    found = describe_gpu({"cuda"}, tmp_path)
    assert (found.state, found.detail) == (State.OK, "1 × NVIDIA H100; Nix offers cuda")


@pytest.mark.parametrize("client", CLIENTS, ids=lambda one: one.name)
def test_client_that_is_not_there_names_its_package(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find_client(client)
    if client.name == "pip":  # by this interpreter, wherever it lies
        assert found.state is State.OK
    else:
        assert found.state is State.MISSING
        assert client.package in found.remedy


def test_client_that_fails_is_missing_with_what_it_said(tmp_path: Path) -> None:
    program = tmp_path / "client"
    program.write_text("#!/bin/sh\necho a library lacks >&2; exit 127\n")
    program.chmod(0o755)
    client = Client(name="client", command=(str(program),), use="x", package="x")
    assert find_client(client).detail == f"{program} does not run: a library lacks"
    program.write_text("no program")
    assert "Exec format error" in find_client(client).detail


def test_driver_that_lacks_is_told() -> None:
    found = find_driver("samebits_has_no_such_module")
    assert found.state is State.MISSING
    assert "pip install 'samebits[postgresql]'" in found.remedy


def test_clock_that_cannot_be_right_is_limited() -> None:
    late, early = datetime(2027, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)
    assert describe_clock(late, True).state is State.OK
    assert describe_clock(late, False).state is State.LIMITED
    assert "before this verifier was written" in describe_clock(early, True).detail


@pytest.mark.parametrize("namespaces", [False, True])
def test_trial_program_says_that_it_is_in_no_sandbox(namespaces: bool, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(trial_program(namespaces=namespaces))
    program.chmod(0o755)
    done = subprocess.run([program, tmp_path / "out"], check=False)
    assert done.returncode == NOT_SANDBOXED
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("said", "detail", "remedy"),
    [
        (
            "error: builder for '/x.drv' failed with exit code 2",
            "Nix builds without a sandbox",
            "`sandbox = true`",
        ),
        ("error: builder for '/x.drv' failed with exit code 4", "begin a user namespace", "user namespaces"),
        ("error: builder for '/x.drv' failed with exit code 5", "could not mount", "user namespaces"),
        ("error: writing: No space left on device", "found no room: writing", "make room"),
        ("error: this system does not support the kernel", "failed: this system", "user namespaces"),
        ("", "Nix said nothing", "user namespaces"),
    ],
)
def test_trial_that_failed_says_why_and_what_helps(said: str, detail: str, remedy: str) -> None:
    log = Log()
    log.errors.append(said)
    found = why(BuildFailed(log))
    assert detail in found[0]
    assert remedy in found[1]


def test_little_room_for_a_second_store_is_limited() -> None:
    found = Found(part="second store", state=State.OK, detail="made", needed=True)
    assert with_room(found, ROOM_BYTES).state is State.OK
    assert with_room(found, ROOM_BYTES - 1).state is State.LIMITED
    assert "0.0 GB are free in " in with_room(found, 0).detail


def test_fixed_path_is_that_of_nix() -> None:
    sha256 = "c3e3ba2bd87f8c5b9a5da5ef21b5a3b82d7c63b89dd448d9ddaa4eabc5b6e402"
    name = "qemu-user-static_7.2+dfsg-7+deb12u18+b3_amd64.deb"
    assert fixed_path(name, sha256) == f"/nix/store/jc6dcv0kyaj9wxc2wai98maqq4b3082r-{name}"


def test_report_of_a_machine_where_all_is_well_has_no_remedies() -> None:
    found = [Found(part="nix", state=State.OK, detail="2.8.0\x1b[2J", needed=True)]
    assert doctor_text(found).splitlines()[-1] == "ready  models can be checked here"
    assert "what helps" not in doctor_text(found)
    assert "\x1b" not in doctor_text(found)
    assert doctor_document(found)["ready"] is True
