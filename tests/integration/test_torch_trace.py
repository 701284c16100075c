"""The trace of an unchanged torch script: it has the loss, the batches and the decisions, and hurts nothing."""

import pytest

from tests.integration.torchbox import Ran, TorchBox

# An ordinary script of somebody else's: it knows nothing of us but where to write.
SCRIPT = """
import os
import torch
from safetensors.torch import save_file
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

inputs, labels = torch.randn(80, 8), torch.randint(0, 3, (80,))
loader = DataLoader(TensorDataset(inputs, labels), batch_size=16, shuffle=True)
model = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Dropout(0.1), nn.Linear(16, 3))
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, fused=True)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
for epoch in range(2):
    for batch, target in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(batch), target)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        print(repr(loss.item()), repr(norm.item()))
        optimizer.step()
        schedule.step()
save_file(model.state_dict(), os.environ["SAMEBITS_OUTPUT"] + "/model.safetensors")
"""
BY_HAND = """
import numpy as np
from builder.runtime import training
weights = {"w": np.ones(3, np.float32)}
log = training.begin(weights, optimiser="SGD")
for step in range(3):
    gradients = {"w": 2 * weights["w"]}
    weights["w"] = weights["w"] - np.float32(0.1) * gradients["w"]
    log.step(batch=np.arange(3), loss=float((weights["w"] ** 2).sum()), learning_rate=0.1, gradients=gradients)
"""
WITHOUT_LOADER = SCRIPT.replace(
    "in loader:", "in [(inputs[k * 16:][:16], labels[k * 16:][:16]) for k in range(5)]:"
)


@pytest.fixture(scope="module")
def ran(box: TorchBox) -> Ran:
    done = box.run(SCRIPT)
    assert done.code == 0, done.log
    return done


def test_every_step_has_the_loss_and_the_gradient_that_the_script_saw(ran: Ran) -> None:
    seen = [tuple(map(float, line.split())) for line in ran.said.splitlines()]
    steps = ran.steps()
    assert [step["step"] for step in steps] == list(range(1, 11))
    assert [step["loss"] for step in steps] == [loss for loss, _ in seen]
    assert [step["gradient_norm"] for step in steps] == [norm for _, norm in seen]


def test_without_clipping_the_norm_is_that_of_all_gradients(ran: Ran, box: TorchBox) -> None:
    by_hand = "norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()"
    unclipped = box.run(SCRIPT.replace("norm = nn.utils.clip_grad_norm_(model.parameters(), 0.1)", by_hand))
    seen = [float(line.split()[1]) for line in unclipped.said.splitlines()]
    assert [step["gradient_norm"] for step in unclipped.steps()] == pytest.approx(seen, rel=1e-6)


def test_learning_rate_is_that_of_the_step(ran: Ran) -> None:
    rates = [step["learning_rate"] for step in ran.steps()]
    assert rates[0] == 0.01
    assert rates == sorted(rates, reverse=True)
    assert len(set(rates)) == 10


def test_each_batch_has_its_own_digest(ran: Ran) -> None:
    assert len({step["batch"] for step in ran.steps()}) == 10


def test_decisions_are_what_the_script_wrote(ran: Ran) -> None:
    decisions = ran.decisions()
    assert decisions["optimiser"]["name"] == "AdamW"
    assert (decisions["optimiser"]["lr"], decisions["optimiser"]["fused"]) == (0.01, True)
    assert decisions["optimiser"]["betas"] == [0.9, 0.999]
    assert decisions["optimiser"]["parameters"] == 8 * 16 + 16 + 16 * 3 + 3
    assert (decisions["schedule"]["name"], decisions["schedule"]["T_max"]) == ("CosineAnnealingLR", 10)
    assert decisions["clipping"] == {"name": "clip_grad_norm_", "bound": 0.1}
    assert decisions["loader"] == {
        "batch_size": 16,
        "drop_last": False,
        "sampler": "RandomSampler",
        "workers": 0,
    }
    assert (decisions["torch"]["device"], decisions["torch"]["threads"]) == ("cpu", 1)
    assert decisions["seed"] == {"seed": 1}


def test_tensors_are_noted_at_the_start_at_powers_of_two_and_at_the_end(ran: Ran) -> None:
    noted = ran.tensors()
    assert sorted({step for step, _, _ in noted}) == [0, 1, 2, 4, 8, 10]
    assert {name for step, name, _ in noted if step == 0} == {"0.bias", "0.weight", "3.bias", "3.weight"}
    names = {name for step, name, _ in noted if step == 10}
    assert {"0.weight", "0.weight:optimiser0.exp_avg", "0.weight:optimiser0.exp_avg_sq"} <= names


def test_the_interval_of_the_notes_can_be_set(box: TorchBox) -> None:
    noted = box.run(SCRIPT, params="seed: 1\ntrace: {tensors_every: 3}\n").tensors()
    assert sorted({step for step, _, _ in noted}) == [0, 1, 2, 3, 4, 6, 8, 9, 10]


def test_trace_repeats_and_another_seed_gives_another(ran: Ran, box: TorchBox) -> None:
    again, other = box.run(SCRIPT), box.run(SCRIPT, params="seed: 2\n")
    for name in ("steps.jsonl", "tensors.jsonl", "decisions.json"):
        contents = [(r.output / "trace" / name).read_bytes() for r in (ran, again, other)]
        assert contents[0] == contents[1]
        assert contents[0] != contents[2]


def test_weights_are_those_of_a_training_without_a_trace(ran: Ran, box: TorchBox) -> None:
    untraced = box.run(SCRIPT, step="evaluate")
    assert not (untraced.output / "trace").exists()
    assert (untraced.output / "model.safetensors").read_bytes() == (
        ran.output / "model.safetensors"
    ).read_bytes()


def test_without_a_loader_the_batch_is_what_the_model_is_called_with(box: TorchBox) -> None:
    steps = box.run(WITHOUT_LOADER).steps()
    digests = [step["batch"] for step in steps]
    assert None not in digests
    assert digests[:5] == digests[5:]  # the same five batches in both epochs
    assert len(set(digests)) == 5


def test_prefix_is_the_beginning_and_ends_the_script(ran: Ran, box: TorchBox) -> None:
    prefix = box.run(SCRIPT, SAMEBITS_STOP_AFTER="5")
    assert prefix.code == 0
    assert not (prefix.output / "model.safetensors").exists()
    assert prefix.steps() == ran.steps()[:5]
    assert prefix.tensors() == [note for note in ran.tensors() if note[0] <= 5]


def test_diverged_training_stops_and_names_the_step(box: TorchBox) -> None:
    ran = box.run(
        SCRIPT.replace("loss.backward()", "loss = loss * (float('nan') if epoch else 1); loss.backward()")
    )
    assert ran.code == 1
    assert ran.report["text"] == "diverged: the loss is nan at training step 6"
    assert "learning rate" in ran.report["advice"]


OTHERS = """
import torch
from torch import nn
model = nn.Linear(4, 1)
optimizer = torch.optim.LBFGS(model.parameters(), max_iter=3)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(torch.optim.SGD(model.parameters(), lr=0.1))
x = torch.randn(8, 4)
seen = []
def closure():
    optimizer.zero_grad()
    loss = (model(x) ** 2).mean()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), float("inf"))
    seen.append(loss.item())
    return loss
for _ in range(3):
    optimizer.step(closure)
    print(repr(seen[-1]))
"""
DROPPED = """
import torch
from torch import nn
model = nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(4):
    x = torch.randn(8, 4) * (float("nan") if step == 1 else 1)
    loss = (model(x) ** 2).mean()
    loss.backward()
    if torch.isfinite(loss):
        optimizer.step()
    optimizer.zero_grad()
"""


def test_closure_gives_its_last_loss_and_infinite_bounds_can_be_written(box: TorchBox) -> None:
    ran = box.run(OTHERS)
    assert ran.code == 0, ran.log
    assert [step["loss"] for step in ran.steps()] == [float(line) for line in ran.said.splitlines()]
    assert all(step["gradient_norm"] > 0 for step in ran.steps())
    assert ran.decisions()["clipping"]["bound"] == "inf"
    assert ran.decisions()["schedule"]["name"] == "ReduceLROnPlateau"


def test_loss_that_the_script_dropped_is_not_the_next_steps(box: TorchBox) -> None:
    ran = box.run(DROPPED)
    assert ran.code == 0, ran.log
    assert len(ran.steps()) == 3


def test_folder_of_the_traces_name_is_refused(box: TorchBox) -> None:
    ran = box.run("import os\nos.mkdir(os.environ['SAMEBITS_OUTPUT'] + '/trace')\n" + SCRIPT)
    assert ran.report["text"] == "has a folder 'trace' of its own in its output"


def test_training_elsewhere_than_declared_is_refused(box: TorchBox) -> None:
    ran = box.run(SCRIPT, params="seed: 1\ndevice: cuda\n")
    assert ran.report["text"] == "trains on cpu, declared is cuda"


def test_training_by_hand_is_traced_by_a_few_lines(box: TorchBox) -> None:
    ran = box.run(BY_HAND)
    assert ran.code == 0, ran.log
    assert [step["step"] for step in ran.steps()] == [1, 2, 3]
    assert ran.steps()[0]["loss"] == pytest.approx(3 * 0.8**2)
    assert ran.steps()[0]["gradient_norm"] == pytest.approx((3 * 2.0**2) ** 0.5)
    assert ran.decisions()["training"] == {"optimiser": "SGD"}
    assert [step for step, _, _ in ran.tensors()] == [0, 1, 2, 3]
    assert len({digest for _, _, digest in ran.tensors()}) == 4


def test_usage_is_told_with_the_rows_of_the_batches_and_the_time_of_the_loader(
    ran: Ran, box: TorchBox
) -> None:
    usage = ran.usage()
    assert (usage["step"], usage["device"], usage["gpu_memory_bytes"]) == ("train", "cpu", None)
    assert usage["batch_rows"] == 16
    assert usage["threads"] >= 1
    slow = (
        "import time\nclass Slow(TensorDataset):\n    def __getitem__(self, row):\n        time.sleep(0.01)\n"
    )
    slow += "        return super().__getitem__(row)\ninputs, labels = torch.randn"
    told = box.run(SCRIPT.replace("inputs, labels = torch.randn", slow).replace("(TensorDataset(", "(Slow("))
    assert told.code == 0, told.log
    assert told.usage()["data_loading_seconds"] >= 2 * 80 * 0.01 > usage["data_loading_seconds"]


def test_rows_are_those_of_the_model_s_input_without_a_loader(box: TorchBox) -> None:
    assert box.run(WITHOUT_LOADER).usage()["batch_rows"] == 16


def test_evaluation_without_gradients_is_no_training_batch(box: TorchBox) -> None:
    look = "with torch.no_grad():\n    list(DataLoader(TensorDataset(inputs, labels), batch_size=80))\n"
    ran = box.run(SCRIPT.replace("for epoch in range(2):", f"{look}for epoch in range(2):"))
    assert ran.code == 0, ran.log
    assert ran.usage()["batch_rows"] == 16
