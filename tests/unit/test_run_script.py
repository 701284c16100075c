"""A model's script in a process of its own: run unchanged, seeded, and heard of however it ends."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from builder.runtime.failure import BAD_INPUT, ENVIRONMENT, StepFailed
from builder.runtime.launch import run_script
from builder.runtime.plan import Plan
from tests.conftest import REPOSITORY
from tests.unit.steps import plan_with

FORK = "if os.fork() == 0:\n    import time; time.sleep(5); os._exit(0)\n"


@pytest.fixture(autouse=True)
def runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    """The script's process finds the runtime as in a build."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("SAMEBITS_THREADS", "1")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    for name in ("code", "output"):
        (tmp_path / name).mkdir()
    return plan_with(code=tmp_path / "code", output=tmp_path / "output", params=tmp_path / "params.yaml")


def run(plan: Plan, text: str, seed: int = 7) -> str:
    """Runs a script and returns what it left in the file `said`."""
    (plan.code / plan.script).write_text("import os, sys\nfrom builder.runtime import paths\n" + text)
    plan.params.write_text(f"seed: {seed}\n")
    run_script(plan)
    said = plan.output / "said"
    return said.read_text() if said.exists() else ""


def failure(plan: Plan, text: str) -> StepFailed:
    with pytest.raises(StepFailed) as caught:
        run(plan, text)
    return caught.value


def say(expression: str) -> str:
    return f"(paths.output() / 'said').write_text(str({expression}))\n"


def test_script_that_ends_well_passes(plan: Plan) -> None:
    assert run(plan, say("'hello'")) == "hello"


def test_script_runs_as_the_main_program(plan: Plan) -> None:
    assert run(plan, say("(__name__, sys.argv)")) == f"('__main__', ['{plan.code}/train.py'])"


def test_script_may_import_its_neighbours(plan: Plan) -> None:
    (plan.code / "network.py").write_text("CLASSES = 10\n")
    assert run(plan, "import network\n" + say("network.CLASSES")) == "10"


def test_random_numbers_depend_on_the_seed_alone(plan: Plan) -> None:
    draw = "import random\nimport numpy as np\n" + say("(random.random(), np.random.rand())")
    assert run(plan, draw) == run(plan, draw)
    assert run(plan, draw) != run(plan, draw, seed=8)


def test_exception_is_heard_of_with_its_place(plan: Plan) -> None:
    found = failure(plan, "raise ValueError('no digits')")
    assert (found.sentence, found.kind) == ("train.py failed at train.py:3: ValueError: no digits", BAD_INPUT)


def test_exception_in_a_neighbour_is_heard_of_there(plan: Plan) -> None:
    (plan.code / "network.py").write_text("def forward():\n    return 1 / 0\n")
    found = failure(plan, "import network\nnetwork.forward()")
    assert "failed at network.py:2: ZeroDivisionError" in found.sentence


def test_script_that_is_no_python_is_heard_of(plan: Plan) -> None:
    assert "SyntaxError" in failure(plan, "def (:\n").sentence


def test_exit_with_a_word_is_heard_of(plan: Plan) -> None:
    assert "exit: no data" in failure(plan, "sys.exit('no data')").sentence


@pytest.mark.parametrize("code", [1, 7, 255])
def test_exit_with_a_number_fails(code: int, plan: Plan) -> None:
    assert str(code) in failure(plan, f"sys.exit({code})").sentence


@pytest.mark.parametrize("code", ["", "0", "None"])
def test_exit_without_fault_passes(code: str, plan: Plan) -> None:
    assert run(plan, say("'done'") + f"sys.exit({code})") == "done"


def test_abrupt_end_without_a_report_fails(plan: Plan) -> None:
    assert failure(plan, "os._exit(3)").sentence == "train.py failed: exit code 3"


def test_kill_is_not_the_scripts_fault(plan: Plan) -> None:
    found = failure(plan, "os.kill(os.getpid(), 9)")
    assert (found.sentence, found.kind) == ("train.py was killed by SIGKILL", ENVIRONMENT)


def test_forked_process_left_behind_does_not_hold_up_the_step(plan: Plan) -> None:
    """It holds the other end of the pipe that the report comes through."""
    assert run(plan, FORK + say("'done'")) == "done"


def test_forked_process_left_behind_does_not_hold_up_a_failure(plan: Plan) -> None:
    assert "ValueError" in failure(plan, FORK + "raise ValueError").sentence


def test_resources_go_to_the_log(plan: Plan, capfd: pytest.CaptureFixture[str]) -> None:
    run(plan, "")
    event = events(capfd)["resources"]
    assert event["step"] == "train"
    assert event["wall_seconds"] > 0  # type: ignore[operator]


def events(capfd: pytest.CaptureFixture[str]) -> dict[object, dict[str, object]]:
    """Returns the events in the log by their kind."""
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("@samebits ")]
    found: list[dict[str, object]] = [json.loads(line.removeprefix("@samebits ")) for line in lines]
    assert len(found) == len({event["event"] for event in found})
    return {event["event"]: event for event in found}


@pytest.mark.parametrize("end", ["", "sys.exit()", "raise SystemExit(0)"])
def test_usage_goes_to_the_log_however_the_script_ends_well(
    end: str, plan: Plan, capfd: pytest.CaptureFixture[str]
) -> None:
    text = "import numpy as np\nfrom builder.runtime import tensors, training\n"
    text += "path = paths.output() / 'w.safetensors'\ntensors.save(path, {'w': np.ones(3)})\n"
    text += "log = training.begin(tensors.load(path))\n"
    text += "for rows in (4, 7, 2):\n"
    text += "    batch = (np.ones((rows, 2)), np.ones(rows))\n"
    text += "    log.step(batch=batch, loss=1.0, learning_rate=1.0, gradients={})\n"
    run(plan, text + end)
    event = events(capfd)["usage"]
    assert 0 < event.pop("data_loading_seconds") < 1  # type: ignore[operator]
    assert event.pop("threads") >= 1  # type: ignore[operator]
    told = {"event": "usage", "step": "train", "device": "cpu", "gpu_memory_bytes": None, "batch_rows": 7}
    assert event == told


def test_script_that_closed_its_stderr_passes_without_a_word(
    plan: Plan, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(plan, say("'done'") + "sys.stderr.close()") == "done"
    assert "usage" not in events(capfd)


def test_prefix_of_a_training_ends_as_ever(plan: Plan) -> None:
    text = (
        "import numpy as np\nfrom builder.runtime import training\nlog = training.begin({'w': np.ones(3)})\n"
    )
    text += "while True:\n    log.step(batch=0, loss=1.0, learning_rate=1.0, gradients={})\n"
    run(replace(plan, stop_after=3), text)
    assert len((plan.output / "trace" / "steps.jsonl").read_text().splitlines()) == 3


def test_traceback_goes_to_the_log(plan: Plan, capfd: pytest.CaptureFixture[str]) -> None:
    failure(plan, "raise ValueError('no digits')")
    assert "Traceback (most recent call last)" in capfd.readouterr().err


def test_script_does_not_see_what_the_launcher_sees(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "value")
    assert run(plan, say("os.environ.get('SECRET')")) == "None"
    assert os.environ["SECRET"] == "value"
