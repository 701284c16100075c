"""Trains twice on a real GPU with the runtime alone and compares every bit; skipped by name where there is none.

PYTHON_WITH_TORCH names a Python with torch and the libraries that the runtime imports (docs/guides/gpu.md). Nix is
not needed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.chained import contents, joined, run_chain, shares
from tests.integration.torchbox import Ran, TorchBox

PYTHON = os.environ.get("PYTHON_WITH_TORCH", sys.executable)
PROBE = "import torch; print(torch.cuda.get_device_name() if torch.cuda.is_available() else '')"
# builder/profile.nix, as far as it matters to a GPU.
SETTINGS = {
    "SAMEBITS_PROFILE": "portable",
    "SAMEBITS_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    "NVIDIA_TF32_OVERRIDE": "0",
    "PYTHONHASHSEED": "0",
}
PARAMS = "seed: 7\ndevice: cuda\n"
TRAIN = """
import os
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

device = torch.device(os.environ["SAMEBITS_DEVICE"])
inputs = torch.randint(0, 50, (512, 32), device=device)
model = nn.Sequential(
    nn.Embedding(50, 64), nn.TransformerEncoderLayer(64, 4, 128, batch_first=True), nn.Linear(64, 50)
).to(device)
convolution = nn.Conv1d(64, 64, 3, padding=1).to(device)
optimizer = torch.optim.AdamW([*model.parameters(), *convolution.parameters()], lr=1e-3)
for start in range(0, 480, 16):
    tokens = inputs[start : start + 16]
    states = convolution(model[1](model[0](tokens)).transpose(1, 2)).transpose(1, 2)
    loss = F.cross_entropy(model[2](states)[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
weights = {name: tensor.cpu() for name, tensor in model.state_dict().items()}
save_file(weights, os.environ["SAMEBITS_OUTPUT"] + "/m.safetensors")
"""


def gpu() -> str:
    """Returns the name of the GPU that torch sees; nothing where there is none, or no torch."""
    done = subprocess.run([PYTHON, "-c", PROBE], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


NAME = gpu()
pytestmark = pytest.mark.skipif(not NAME, reason="no GPU that the torch of PYTHON_WITH_TORCH can use")


@pytest.fixture(scope="module")
def trainings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, Ran]:
    box = TorchBox(python=Path(PYTHON), settings=SETTINGS, folder=tmp_path_factory.mktemp("gpu"))
    first, second = (box.run(TRAIN, params=PARAMS, SAMEBITS_DEVICE="cuda") for _ in range(2))
    assert first.code == second.code == 0, first.log + second.log
    return first, second


def test_two_trainings_have_the_same_bits(trainings: tuple[Ran, Ran]) -> None:
    first, second = (ran.output for ran in trainings)
    for name in ("m.safetensors", "trace/steps.jsonl", "trace/tensors.jsonl", "trace/decisions.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert len(trainings[0].steps()) == 30


def test_gpu_driver_and_mapped_libraries_are_in_the_log(trainings: tuple[Ran, Ran]) -> None:
    lines = [line.removeprefix("@samebits ") for line in trainings[0].log.splitlines() if "@samebits" in line]
    (event,) = [event for event in map(json.loads, lines) if event["event"] == "gpu"]
    assert event["model"] == NAME
    assert event["driver"]
    assert event["peak_gpu_memory_bytes"] > 0
    assert any(name.startswith("libcublas") for name in event["libraries"])


def test_training_in_chunks_has_the_bits_of_one_piece(trainings: tuple[Ran, Ran], tmp_path: Path) -> None:
    load = "chunks.load(30, model=model, convolution=convolution, optimizer=optimizer)"
    loop = f"from builder.runtime import chunks\nfor step in {load}:\n    start = 16 * (step - 1)\n"
    script = TRAIN.replace("for start in range(0, 480, 16):\n", loop)
    script = script.replace("    optimizer.step()\n", "    optimizer.step()\n    chunks.save(step)\n")
    box = TorchBox(python=Path(PYTHON), settings=SETTINGS, folder=tmp_path / "box")
    box.folder.mkdir()
    chain = run_chain(box, script, shares(3), params=PARAMS, SAMEBITS_DEVICE="cuda")
    assert contents(joined(chain, tmp_path / "joined")) == contents(trainings[0].output)


def test_use_of_the_gpu_is_told(trainings: tuple[Ran, Ran]) -> None:
    usage = trainings[0].usage()
    assert usage["device"] == "cuda"
    assert usage["gpu_memory_bytes"] > 0
    assert usage["batch_rows"] == 16
