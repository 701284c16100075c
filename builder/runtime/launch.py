"""The program of every step: checks parameters, runs the script in its own process, checks what it left.

Usage, inside a build: python -m builder.runtime.launch
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from builder.runtime import trace
from builder.runtime.chunking.asked import parse_chunk
from builder.runtime.events import emit
from builder.runtime.failure import BAD_INPUT, ENVIRONMENT, StepFailed
from builder.runtime.outputs import check_output, check_piece
from builder.runtime.params import Params, read_params
from builder.runtime.plan import Plan, read_plan
from builder.runtime.varied import Changes, busy, not_shown, place_for, take_process_ids

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
    check_declared(read_params(plan.params, plan.schema), plan)
    plan.output.mkdir(parents=True)
    emit("start", step=plan.step, model=plan.model, profile=os.environ.get("SAMEBITS_PROFILE", ""))
    run_script(plan)
    if plan.chunk is not None and not parse_chunk(plan.chunk).last:
        check_piece(plan.output)
    elif plan.stop_after is None:
        check_output(plan.step, plan.output)
    else:
        keep_prefix(plan)


def keep_prefix(plan: Plan) -> None:
    """Removes all of the output but the trace, for whose first steps the script was run.

    Raises:
        StepFailed: the script wrote no trace, or a shorter one.
    """
    for path in plan.output.iterdir():
        if path.name != trace.FOLDER:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    steps = plan.output / trace.FOLDER / trace.STEPS
    count = len(steps.read_bytes().splitlines()) if steps.exists() else 0
    if count != plan.stop_after:
        raise StepFailed(
            kind=BAD_INPUT,
            sentence=f"{plan.script} ended after {count} training steps, asked for were {plan.stop_after}",
            advice="Ask for no more steps than the training has.",
        )


def check_declared(params: Params, plan: Plan) -> None:
    """Returns if params.yaml says the same to a reader of YAML as to Nix, which reads it line by line.

    Raises:
        StepFailed: it does not.
    """
    read_by_nix = {"device": plan.device, "threads": os.environ.get("SAMEBITS_THREADS", "1")}
    for key, value in read_by_nix.items():
        meant = str(getattr(params, key))
        if meant != value:
            raise StepFailed(
                kind=BAD_INPUT,
                sentence=f"params.yaml says {key} {meant}, but Nix reads {value} there",
                advice=f"Write `{key}: {meant}` on a line of its own that starts with {key!r}.",
            )


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


def run_script(plan: Plan) -> None:
    """Runs the script in a process of its own and writes its resource use to the log.

    Raises:
        StepFailed: the script raised, exited or was killed; or the surroundings cannot be changed as asked.
    """
    ours, theirs = os.pipe()
    take_process_ids(plan.changes)
    start = time.monotonic()
    process = begin_script(plan, theirs)
    os.close(theirs)
    with busy(plan.changes):
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


def begin_script(plan: Plan, report: int) -> subprocess.Popen[bytes]:
    """Starts the script, which may write to the file descriptor `report`; in changed surroundings for a variation.

    Raises:
        StepFailed: the surroundings cannot be changed as asked.
    """
    code, scratch = place_for(plan.changes, plan.code)
    command = [*interpreter(plan), "-B", "-m", "builder.runtime.script", str(report), str(code / plan.script)]
    environment = plan.changes.applied(plan.environment(), scratch)
    enter = plan.changes.enter if plan.changes != Changes() else None
    try:
        return subprocess.Popen(command, env=environment, cwd=scratch, pass_fds=[report], preexec_fn=enter)
    except subprocess.SubprocessError as error:
        raise not_shown(plan.changes) from error


def interpreter(plan: Plan) -> list[str]:
    """Returns the words that start Python: itself, or an emulator with the file that Python really is."""
    if not plan.emulator:
        return [sys.executable]
    # Python finds its environment by the name that it was called by.
    return [*plan.emulator, "-0", sys.executable, str(Path(sys.executable).resolve())]


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
    if kind == "refused":
        return StepFailed(
            kind=BAD_INPUT,
            sentence=f"{plan.script} {text}{at and f' ({at.strip()})'}",
            advice=report["advice"],
        )
    advice = "What it printed is in the build log."
    return StepFailed(kind=BAD_INPUT, sentence=f"{plan.script} failed{at}: {text}", advice=advice)


if __name__ == "__main__":
    sys.exit(carry_out(run_step))
