"""A torch training in chunks gives the same files, the trace among them, as in one piece."""

from pathlib import Path

import pytest

from tests.integration.chained import contents, joined, run_chain, shares
from tests.integration.torchbox import TorchBox

# {…} are filled in by the tests.
SCRIPT = """
import os
import torch
from safetensors.torch import save_file
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from builder.runtime import chunks

inputs, labels = torch.randn(70, 8), torch.randint(0, 3, (70,))
own = torch.Generator().manual_seed(5)
loader = DataLoader(TensorDataset(inputs, labels), batch_size=16, shuffle=True, generator=own)
model = nn.Sequential(nn.Linear(8, 16), MIDDLE, nn.GELU(), nn.Linear(16, 3))
OPTIMISER
SCHEDULE

def batches():
    while True:
        yield from loader

steps = chunks.load(TOTAL, model=model, optimizer=optimizer, schedule=schedule)
for step, (batch, target) in chunks.rest(steps, batches()):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(batch), target)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 0.5)
    optimizer.step()
    STEP
    chunks.save(step)
save_file(model.state_dict(), os.environ["SAMEBITS_OUTPUT"] + "/model.safetensors")
"""
ADAM = "optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, fused=True)"
SGD = "optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, fused=True)"
COSINE = """warm = torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, total_iters=5)
cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 12)
schedule = torch.optim.lr_scheduler.SequentialLR(optimizer, [warm, cosine], milestones=[5])"""
BY_STEPS = "schedule = torch.optim.lr_scheduler.StepLR(optimizer, 4, gamma=0.5)"
MILESTONES = "schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 9], gamma=0.5)"
PLATEAU = "schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=1)"
LAMBDA = "schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (step + 1))"
ONE_CYCLE = "schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=40)"
KINDS = {
    "adam, cosine after a warm-up, dropout": (ADAM, COSINE, "nn.Dropout(0.2)"),
    "momentum, steps, no dropout": (SGD, BY_STEPS, "nn.Identity()"),
    "adam, milestones, batch norm": (ADAM, MILESTONES, "nn.BatchNorm1d(16)"),
    "momentum, plateau, dropout": (SGD, PLATEAU, "nn.Dropout(0.5)"),
    "adam, a function": (ADAM, LAMBDA, "nn.Dropout(0.1)"),
    "adam, one cycle": (ADAM, ONE_CYCLE, "nn.Dropout(0.1)"),
}


def script(kind: str, total: int = 17) -> str:
    optimiser, schedule, middle = KINDS[kind]
    step = "schedule.step(loss.item())" if schedule == PLATEAU else "schedule.step()"
    filled = SCRIPT.replace("OPTIMISER", optimiser).replace("SCHEDULE", schedule).replace("MIDDLE", middle)
    return filled.replace("STEP", step).replace("TOTAL", str(total))


@pytest.mark.parametrize("kind", KINDS)
def test_chain_of_three_gives_the_bits_of_one_piece(kind: str, box: TorchBox, tmp_path: Path) -> None:
    whole = box.run(script(kind))
    assert whole.code == 0, whole.log
    chain = run_chain(box, script(kind), shares(3))
    assert contents(joined(chain, tmp_path / "joined")) == contents(whole.output)
    assert len(contents(whole.output)) == 4
