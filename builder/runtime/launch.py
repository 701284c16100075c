"""The program of every step: checks parameters, runs the script in its own process, checks what it left.

Usage, inside a build: python -m builder.runtime.launch
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

from builder.runtime.events import emit
from builder.runtime.failure import BAD_INPUT, ENVIRONMENT, StepFailed
from builder.runtime.outputs import check_output
from builder.runtime.params import Params, read_params
from builder.runtime.plan import Plan, read_plan

MORE_MEMORY = "Give the machine more memory, or the model a smaller batch."
MORE_DISK = "Make room on the disk that holds the store and the build folder, then run it again."


def carry_out(run: Callable[[Plan], None]) -> int:
    """Runs the step that the environment describes; returns 0, or 1 after an `error` event has said why."""
    plan = read_plan()
    try:
        run(plan)
    except StepFailed as failed:
        emit("error", step=plan.step, kind=failed.kind, sentence=failed.sentence, advice=failed.advice)
        print(f"error: {plan.model}: {failed.sentence}\n  {failed.advice}", file=sys.stderr)
        return 1
    return 0


def run_step(plan: Plan) -> None:
    """Runs one step from its parameters to its checked output.

    Raises:
        StepFailed: for any reason the step has no fit output.
    """
    check_sandbox()
    params = read_params(plan.params, plan.schema)
    plan.output.mkdir(parents=True)
    emit("start", step=plan.step, model=plan.model, profile=os.environ.get("SAMEBITS_PROFILE", ""))
    run_script(plan, params)
    check_output(plan.step, plan.output)


def check_sandbox() -> None:
    """Returns if this process sees no network but loopback.

    Raises:
        StepFailed: Nix runs without its sandbox.
    """
    names = [name for _, name in socket.if_nameindex()]
    if names not in ([], ["lo"]):
        raise StepFailed(
            kind=ENVIRONMENT,
            sentence="this build is not sandboxed: it sees the network " + ", ".join(names),
            advice="Set `sandbox = true` and `sandbox-fallback = false` in the configuration of Nix.",
        )


def run_script(plan: Plan, params: Params) -> None:
    """Runs the script in a process of its own and writes its resource use to the log.

    Raises:
        StepFailed: the script raised, exited or was killed.
    """
    ours, theirs = os.pipe()
    command = [sys.executable, "-B", "-m", "builder.runtime.script", str(theirs), str(params.seed)]
    command.append(str(plan.code / plan.script))
    start = time.monotonic()
    process = subprocess.Popen(command, env=plan.environment(), pass_fds=[theirs])
    os.close(theirs)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    end_strays()
    emit(
        "resources",
        step=plan.step,
        wall_seconds=round(time.monotonic() - start, 3),
        cpu_seconds=round(usage.ru_utime + usage.ru_stime, 3),
        peak_memory_bytes=usage.ru_maxrss * 1024,
    )
    report = read_report(ours)
    if process.returncode != 0:
        raise ended_badly(plan, process.returncode, report)


def end_strays() -> None:
    """Ends what the script left running, so that nothing writes any more when its output is looked at.

    In Nix's sandbox this process is the first of its namespace, and -1 means all others of it.
    """
    if os.getpid() != 1:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def read_report(descriptor: int) -> dict[str, str]:
    """Returns what builder.runtime.script wrote about an exception; nothing if it did not, or not in its form."""
    os.set_blocking(descriptor, False)
    try:
        value = json.loads(os.read(descriptor, 65536))
    except (BlockingIOError, ValueError, RecursionError):
        value = {}
    finally:
        os.close(descriptor)
    return value if isinstance(value, dict) and all(isinstance(v, str) for v in value.values()) else {}


def ended_badly(plan: Plan, code: int, report: dict[str, str]) -> StepFailed:
    """Returns the failure for a script that ended with `code` (negative: a signal) and left `report`."""
    if code < 0:
        known = {number.value: number.name for number in signal.Signals}
        name = known.get(-code, f"signal {-code}")
        advice = MORE_MEMORY if name == "SIGKILL" else "Run the script by itself to see why."
        return StepFailed(kind=ENVIRONMENT, sentence=f"{plan.script} was killed by {name}", advice=advice)
    at = f" at {report['place']}" if report.get("place") else ""
    text = report.get("text", f"exit code {code}")
    kind = report.get("kind", "exit")
    if kind in ("disk", "memory"):
        advice = MORE_DISK if kind == "disk" else MORE_MEMORY
        return StepFailed(
            kind=ENVIRONMENT, sentence=f"{plan.script} ran out of {kind}{at}: {text}", advice=advice
        )
    if kind == "network":
        return StepFailed(
            kind=BAD_INPUT,
            sentence=f"{plan.script} tried to use the network{at}: {text}",
            advice="A build has none. Name the file in the model's data.yaml, and read it as a source.",
        )
    advice = "What it printed is in the build log."
    return StepFailed(kind=BAD_INPUT, sentence=f"{plan.script} failed{at}: {text}", advice=advice)


if __name__ == "__main__":
    sys.exit(carry_out(run_step))
