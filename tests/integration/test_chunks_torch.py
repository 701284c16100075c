"""A torch training in chunks gives the same files, the trace among them, as in one piece."""

from pathlib import Path

import pytest

from tests.integration.chained import contents, joined, run_chain, run_chunk, shares, state_of
from tests.integration.torchbox import TorchBox

# Words in capitals are filled in by the tests. 70 rows: the last batch of each epoch is partial.
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

steps = chunks.load(17, model=model, optimizer=optimizer, schedule=schedule)
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
SCHEDULER = "torch.optim.lr_scheduler"
COSINE = f"""warm = {SCHEDULER}.LinearLR(optimizer, 0.1, total_iters=5)
cosine = {SCHEDULER}.CosineAnnealingLR(optimizer, 12)
schedule = {SCHEDULER}.SequentialLR(optimizer, [warm, cosine], milestones=[5])"""
BY_STEPS = f"schedule = {SCHEDULER}.StepLR(optimizer, 4, gamma=0.5)"
MILESTONES = f"schedule = {SCHEDULER}.MultiStepLR(optimizer, [3, 9], gamma=0.5)"
PLATEAU = f"schedule = {SCHEDULER}.ReduceLROnPlateau(optimizer, patience=1)"
LAMBDA = f"schedule = {SCHEDULER}.LambdaLR(optimizer, lambda step: 1 / (step + 1))"
ONE_CYCLE = f"schedule = {SCHEDULER}.OneCycleLR(optimizer, 0.1, total_steps=40)"
KINDS = {
    "adam, cosine after a warm-up, dropout": (ADAM, COSINE, "nn.Dropout(0.2)"),
    "momentum, steps, no dropout": (SGD, BY_STEPS, "nn.Identity()"),
    "adam, milestones, batch norm": (ADAM, MILESTONES, "nn.BatchNorm1d(16)"),
    "momentum, plateau, dropout": (SGD, PLATEAU, "nn.Dropout(0.5)"),
}


def script(kind: str) -> str:
    optimiser, schedule, middle = KINDS[kind]
    step = "schedule.step(loss.item())" if schedule == PLATEAU else "schedule.step()"
    filled = SCRIPT.replace("OPTIMISER", optimiser).replace("SCHEDULE", schedule).replace("MIDDLE", middle)
    return filled.replace("STEP", step)


FIRST = script("adam, cosine after a warm-up, dropout")


def changed(*pairs: tuple[str, str], text: str = FIRST) -> str:
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def equal(text: str, count: int, box: TorchBox, folder: Path) -> None:
    """Holds a chain of `count` against one piece."""
    whole = box.run(text)
    assert whole.code == 0, whole.log
    chain = run_chain(box, text, shares(count))
    assert contents(joined(chain, folder / "joined")) == contents(whole.output)
    assert {"model.safetensors", "trace/steps.jsonl"} <= contents(whole.output).keys()


@pytest.mark.parametrize("kind", KINDS)
def test_chain_of_two_gives_the_bits_of_one_piece(kind: str, box: TorchBox, tmp_path: Path) -> None:
    equal(script(kind), 2, box, tmp_path)


@pytest.mark.parametrize("count", [1, 6])
def test_chain_of_any_length_gives_the_bits_of_one_piece(count: int, box: TorchBox, tmp_path: Path) -> None:
    equal(changed(("load(17", "load(6")), count, box, tmp_path)


LOOP = "for step, (batch, target) in chunks.rest(steps, batches()):"
# Each is a few ways of training at once, by what they replace; torch takes seconds to start.
WAYS = {
    # The chunk ends with an epoch, so that the loader may shuffle by the global generator.
    "epochs, saved after each": (
        ("generator=own", ""),
        ("load(17", "load(4"),
        (COSINE, ONE_CYCLE),
        (LOOP, "for step in steps:\n  for batch, target in loader:"),
        ("    chunks.save(step)", "  chunks.save(step)"),
    ),
    "two networks that learn in turn, batches drawn by a generator, gradients set to zeros": (
        ("schedule=schedule", "schedule=schedule, own=own, critic=critic, other=other"),
        ("zero_grad()", "zero_grad(set_to_none=False)"),
        (LOOP, "for step in steps:\n    rows = torch.randint(0, 70, (16,), generator=own)\n"
         "    batch, target = inputs[rows], labels[rows]"),
        ("def batches", "critic = nn.Linear(3, 1)\nother = torch.optim.AdamW(critic.parameters(), lr=0.02, "
         "fused=True)\ndef batches"),
        ("    chunks.save", "    other.zero_grad()\n    critic(model(batch).detach()).mean().backward()\n"
         "    other.step()\n    chunks.save"),
    ),
    "a data set that draws from the global generator, half of the bits": (
        ("TensorDataset(inputs, labels)", "Noisy()"),
        ("own = ", "class Noisy:\n    def __len__(self):\n        return 70\n    def __getitem__(self, row):\n"
         "        return inputs[row] + 0.1 * torch.randn(8), labels[row]\nown = "),
        ("optimizer = ", "model = model.to(torch.bfloat16)\noptimizer = "),
        ("model(batch)", "model(batch.bfloat16()).float()"),
    ),
    "noise for data, images in another layout, an average of the weights": (
        (LOOP, "for step in steps:\n    batch, target = torch.randn(16, 8), torch.randint(0, 3, (16,))"),
        ("nn.Linear(8, 16)", "nn.Unflatten(1, (2, 2, 2)), nn.Conv2d(2, 4, 2), nn.Flatten(), nn.Linear(4, 16)"),
        (ADAM, f"model = model.to(memory_format=torch.channels_last)\n{ADAM}"),
        (COSINE, LAMBDA),
        ("def batches", "average = torch.optim.swa_utils.AveragedModel(model)\ndef batches"),
        ("schedule=schedule", "schedule=schedule, average=average"),
        ("    chunks.save", "    average.update_parameters(model)\n    chunks.save"),
        ("save_file(model.state_dict()", "save_file({n: t.contiguous() for n, t in average.state_dict().items()}"),
    ),
    "a buffer that no state_dict has, a layer frozen for a while": (
        (ADAM, f"model.register_buffer('seen', torch.zeros(8), persistent=False)\n{ADAM}"),
        ("    chunks.save", "    model.seen += batch.mean(0)\n"
         "    model[0].requires_grad_(step % 8 != 0).train(step % 4 != 0)\n    chunks.save"),
        ("model(batch)", "model(batch + model.seen)"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_ways_of_training_give_the_bits_of_one_piece(way: str, box: TorchBox, tmp_path: Path) -> None:
    equal(changed(*WAYS[way]), 2, box, tmp_path)


def test_checkpoint_has_the_bits_of_every_tensor_by_its_name(box: TorchBox) -> None:
    ran = run_chunk(box, FIRST, shares(2)[0], None)
    state = state_of(ran)
    assert (state["step"], state["previous"]) == (8, None)
    assert {n: o["kind"] for n, o in state["objects"].items()} == {  # type: ignore[attr-defined]
        "model": "torch.Module",
        "optimizer": "state_dict",
        "schedule": "state_dict",
    }
    header = (ran.output / "checkpoint" / "tensors.safetensors").read_bytes()[:4000]
    for name in ("model.state_dict.0.weight", "optimizer.state.0.exp_avg_sq", "random.torch.cpu"):
        assert name.encode() in header


WRONG = {
    "a forgotten optimiser": (
        (("optimizer=optimizer, ", ""),),
        "trains with an optimiser that chunks.load was not given: AdamW",
    ),
    "a forgotten model": (
        (("model=model, ", ""),),
        "trains a model that chunks.load was not given: Sequential",
    ),
    "a sparse tensor": (
        (("schedule=schedule", "schedule=schedule, more={'s': torch.eye(3).to_sparse()}"),),
        "cannot have more.s in a checkpoint: it is a torch.Tensor of torch.float32",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_state_that_would_be_lost_is_refused(what: str, box: TorchBox) -> None:
    pairs, sentence = WRONG[what]
    ran = run_chunk(box, changed(*pairs), shares(2)[0], None)
    assert (ran.code, ran.report["text"]) == (1, sentence)


def test_gradients_that_go_on_from_the_chunk_before_are_refused(box: TorchBox) -> None:
    text = changed(("    optimizer.zero_grad()\n", ""))
    first = run_chunk(box, text, shares(2)[0], None)
    assert first.code == 0, first.log
    second = run_chunk(box, text, shares(2)[1], first.output)
    assert second.report["text"] == "adds to gradients of the chunk before, which no checkpoint holds"
    assert "optimizer.zero_grad()" in second.report["advice"]


def test_unchanged_script_is_refused_at_its_first_step(box: TorchBox) -> None:
    text = changed(
        ("chunks.load(17, model=model, optimizer=optimizer, schedule=schedule)", "range(1, 18)"),
        (LOOP, "for step, (batch, target) in zip(steps, batches()):"),
        ("    chunks.save(step)\n", ""),
    )
    ran = run_chunk(box, text, shares(2)[0], None)
    assert ran.report["text"] == "cannot be cut into chunks: it does not call chunks.load"
    assert len((ran.output / "trace" / "steps.jsonl").read_text().splitlines()) <= 1
