"""Scripts that go wrong: one clear sentence that names the script and the place, and the right exit code."""

import pytest

from tests.integration.conftest import Repository

SAVE = """
import numpy as np
from builder.runtime import paths, tensors
"""
SCRIPTS = {
    "raises": ("train.py", "1 / 0", 2, "train.py failed at train.py:1: ZeroDivisionError"),
    "prints-bytes": (
        "train.py",
        r"import sys; sys.stderr.buffer.write(b'\xff\xfe\x1b[31m\n@samebits {')"
        + "\n"
        + r"raise ValueError('\x1b[31m\udc80')",
        2,
        "train.py failed at train.py:2: ValueError",
    ),
    "exits": ("train.py", "raise SystemExit(7)", 2, "train.py failed at train.py:1: exit: 7"),
    "killed": ("train.py", "import os; os.kill(os.getpid(), 9)", 3, "train.py was killed by SIGKILL"),
    "writes-nothing": ("train.py", "pass", 2, "train wrote nothing"),
    "no-weights": (
        "train.py",
        SAVE + '(paths.output() / "weights.pkl").write_bytes(b"x")',
        2,
        "train wrote no weights",
    ),
    "pickled-weights": (
        "train.py",
        SAVE
        + "import pickle\n"
        + 'tensors.save(paths.output() / "m.safetensors", {"w": np.ones(2)})\n'
        + '(paths.output() / "optimizer.bin").write_bytes(pickle.dumps({"state": 1}))',
        2,
        "optimizer.bin is a pickle, which runs code when it is read",
    ),
    "ends-before-its-trace": (
        "train.py",
        SAVE
        + "import os\nfrom builder.runtime import training\n"
        + 'training.begin({"w": np.ones(2)})\n'
        + 'tensors.save(paths.output() / "m.safetensors", {"w": np.ones(2)})\n'
        + "os._exit(0)",
        2,
        "train left a trace without an end",
    ),
    "diverges": (
        "train.py",
        SAVE
        + "from builder.runtime import training\n"
        + 'log = training.begin({"w": np.ones(2)})\n'
        + "for loss in (1.0, float('inf')):\n"
        + '    log.step(batch=0, loss=loss, learning_rate=1.0, gradients={"w": np.ones(2)})',
        2,
        "train.py diverged: the loss is inf at training step 2 (at train.py:7)",
    ),
    "more-threads": (
        "train.py",
        SAVE
        + "import threadpoolctl\nthreadpoolctl.threadpool_limits(2)\n"
        + 'tensors.save(paths.output() / "m.safetensors", {"w": np.ones(2)})',
        2,
        "with 2 threads, declared are 1",
    ),
    "unstable-sort": (
        "prepare.py",
        "import numpy as np\nnp.argsort(np.ones(3))",
        2,
        "prepare.py uses numpy.argsort with an unstable kind",
    ),
    "nan-weights": (
        "train.py",
        SAVE + 'tensors.save(paths.output() / "m.safetensors", {"w": np.array([1, np.nan], np.float32)})',
        2,
        "m.safetensors: 1 of 2 values of the tensor 'w' are NaN or infinite",
    ),
    "nan-metric": (
        "evaluate.py",
        SAVE + '(paths.output() / "metrics.json").write_text(\'{"scalars": {"loss": NaN}}\')',
        2,
        "metrics.json: scalars.loss is NaN or infinite",
    ),
    "odd-metrics": (
        "evaluate.py",
        SAVE + '(paths.output() / "metrics.json").write_text(\'{"accuracy": 1}\')',
        2,
        "metrics.json: 'schema' is a required property",
    ),
    "text-for-a-metric": (
        "evaluate.py",
        SAVE
        + '(paths.output() / "metrics.json").write_text('
        + '\'{"schema": "samebits/metrics/v1", "scalars": {"accuracy": "0.98"}}\')',
        2,
        "metrics.json: scalars.accuracy must be of type number, found '0.98'",
    ),
    "huge-metrics": (
        "evaluate.py",
        SAVE + '(paths.output() / "metrics.json").write_text("[" + " " * 200_000_000 + "]")',
        2,
        "metrics.json has 200,000,002 bytes, more than 4,194,304",
    ),
    "interval-beside-its-metric": (
        "evaluate.py",
        "from builder.runtime.metrics import Interval, write\n"
        + 'write({"a": 1}, intervals={"a": Interval(low=2, high=3, confidence=0.95)})',
        2,
        "metrics.json: a is 1.0, outside of its interval from 2.0 to 3.0",
    ),
    "network": (
        "prepare.py",
        "import urllib.request; urllib.request.urlopen('http://example.com')",
        2,
        "prepare.py tried to use the network at prepare.py:1",
    ),
    "store-path": (
        "evaluate.py",
        SAVE
        + "import sys\n"
        + '(paths.output() / "where.txt").write_text(str(paths.output()))\n'
        + 'tensors.save(paths.output() / "x.safetensors", {})\n'
        + 'from builder.runtime import metrics; metrics.write({"a": 1})',
        2,
        "evaluation/where.txt names a store path",
    ),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_that_goes_wrong_is_named(name: str, repository: Repository) -> None:
    file, text, code, sentence = SCRIPTS[name]
    repository.add_model(name, {file: text})
    done = repository.verifier("check", name)
    assert sentence in done.err
    assert "\x1b" not in done.err
    assert done.code == code, done.err
