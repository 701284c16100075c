"""What params.yaml declares is what runs: read by YAML and by Nix alike, and held against the process."""

import os
from pathlib import Path

import numpy as np
import pytest

from builder.runtime import threads
from builder.runtime.failure import Refused, StepFailed
from builder.runtime.launch import check_declared, interpreter, keep_prefix
from builder.runtime.params import Params
from builder.runtime.silicon import guard_numpy, refusal
from tests.unit.steps import plan_with
from tests.unit.traces import write_trace


def declared(device: str = "cpu", count: int = 1) -> Params:
    return Params(seed=1, hyperparameters={}, device=device, threads=count)


def test_equal_readings_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMEBITS_THREADS", "2")
    check_declared(declared("cuda", 2), plan_with(device="cuda"))


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        (declared(count=4), "params.yaml says threads 4, but Nix reads 1 there"),
        (declared("cuda"), "params.yaml says device cuda, but Nix reads cpu there"),
    ],
)
def test_other_reading_of_nix_is_refused(
    params: Params, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMEBITS_THREADS", "1")
    with pytest.raises(StepFailed) as caught:
        check_declared(params, plan_with())
    assert caught.value.sentence == sentence
    assert "on a line of its own" in caught.value.advice


@pytest.mark.parametrize("count", [1, 3])
def test_threads_that_were_declared_pass_and_others_do_not(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMEBITS_THREADS", str(count))
    threads.compare(count, "torch")
    with pytest.raises(Refused, match=f"ran torch with 2 threads, declared are {count}"):
        threads.compare(2, "torch")


def test_script_is_run_by_this_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/toolchain/bin/python3")
    assert interpreter(plan_with()) == ["/toolchain/bin/python3"]


def test_emulator_runs_the_file_that_python_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "python3.11").touch()
    os.symlink("python3.11", tmp_path / "python3")  # noqa: PTH211 (the link's text matters)
    monkeypatch.setattr("sys.executable", str(tmp_path / "python3"))
    words = interpreter(plan_with(emulator=("/qemu", "-cpu", "Nehalem")))
    assert words == ["/qemu", "-cpu", "Nehalem", "-0", f"{tmp_path}/python3", f"{tmp_path}/python3.11"]


def test_prefix_keeps_the_trace_alone(tmp_path: Path) -> None:
    write_trace(tmp_path / "trace", 4)
    (tmp_path / "model.safetensors").touch()
    (tmp_path / "more").mkdir()
    keep_prefix(plan_with(output=tmp_path, stop_after=4))
    assert [path.name for path in tmp_path.iterdir()] == ["trace"]


@pytest.mark.parametrize("steps", [0, 3])
def test_training_shorter_than_the_prefix_is_said(steps: int, tmp_path: Path) -> None:
    if steps:
        write_trace(tmp_path / "trace", steps)
    with pytest.raises(StepFailed, match=f"train.py ended after {steps} training steps, asked for were 4"):
        keep_prefix(plan_with(output=tmp_path, stop_after=4))


@pytest.fixture
def argsort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np, "argsort", np.argsort)  # put back afterwards
    guard_numpy(())


@pytest.mark.usefixtures("argsort")
@pytest.mark.parametrize("arguments", [{"kind": "stable"}, {"kind": "mergesort"}, {"stable": True}])
def test_stable_sort_passes(arguments: dict[str, str]) -> None:
    assert np.argsort(np.array([2, 1, 1]), **arguments).tolist() == [1, 2, 0]  # type: ignore[call-overload]
    assert np.argsort(np.array([2, 1, 1]), -1, "stable").tolist() == [1, 2, 0]


@pytest.mark.usefixtures("argsort")
@pytest.mark.parametrize("arguments", [{}, {"kind": "quicksort"}, {"kind": None}, {"stable": False}])
def test_unstable_sort_is_refused(arguments: dict[str, str]) -> None:
    with pytest.raises(Refused, match=r"uses numpy\.argsort with an unstable kind"):
        np.argsort(np.ones(3), **arguments)  # type: ignore[call-overload]


def test_allowed_sort_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    original = np.argsort
    guard_numpy({"numpy.argsort": "a reason"})
    assert np.argsort is original


def test_advice_names_the_replacement_and_the_way_around() -> None:
    advice = refusal("torch.sqrt", "this").advice
    assert advice == "Write this; or allow it in params.yaml, with a reason: `allow: {torch.sqrt: REASON}`."
