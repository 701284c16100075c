"""One model per way to be impure; each must fail, at the step and the file that are impure."""

import json
from pathlib import Path

import pytest

from tests.integration.conftest import Repository

IMPURE = {
    "random-bytes": "import os; value = np.frombuffer(os.urandom(8), np.uint8)",
    "clock": "import time; value = np.array([time.time_ns()], np.int64)",
    "core-count": "import os; value = np.array([os.cpu_count()], np.int64)",
    "allowed-cores": "import os; value = np.array([len(os.sched_getaffinity(0))], np.int64)",
}
TRAIN = """
import numpy as np
from builder.runtime import paths, tensors
{line}
tensors.save(paths.output() / "model.safetensors", {{"w": value}})
"""


@pytest.mark.parametrize("name", IMPURE)
def test_impure_model_fails_and_is_named(name: str, repository: Repository, tmp_path: Path) -> None:
    repository.add_model(name, {"train.py": TRAIN.format(line=IMPURE[name])})
    done = repository.verifier("check", name, "--json", str(tmp_path / "verdict.json"))
    assert done.code == 1, done.err
    assert "First to differ: train\n  model.safetensors\n    tensor " in done.out
    (verdict,) = json.loads((tmp_path / "verdict.json").read_text())["verdicts"]
    rows = {row["subject"]: row for row in verdict["rows"] if row["check"] == "rebuild"}
    assert rows["toolchain"]["status"] == rows["prepare"]["status"] == "passed"
    assert rows["train"]["status"] == "failed"
    assert not rows["train"]["inherited"]
    assert rows["evaluate"]["inherited"]
    assert rows["package"]["inherited"]
    (kept,) = verdict["kept"]
    first, second = (Path(kept[side]) / "model.safetensors" for side in ("first", "second"))
    assert first.read_bytes() != second.read_bytes()


def test_pure_model_of_the_same_shape_is_verified(repository: Repository) -> None:
    repository.add_model("pure")
    done = repository.verifier("check", "pure")
    assert done.code == 0, done.out + done.err
    assert done.out.startswith("verified  pure 1.0.0: two builds on this machine, equal to the last bit\n")


def test_second_build_that_fails_is_a_failed_check(repository: Repository) -> None:
    line = "import os; value = np.zeros(1, np.float32)\nassert len(os.sched_getaffinity(0)) > 1, 'too few'"
    repository.add_model("moody", {"train.py": TRAIN.format(line=line)})
    done = repository.verifier("check", "moody")
    assert done.code == 1, done.err
    assert "the second failed: step train of moody: train.py failed at train.py:5" in done.out
