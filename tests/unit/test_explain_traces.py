"""Traces: the step and quantity where they part, found by bisection; a chain that lies is found out."""

import hashlib
import json
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.explaining import make_context
from tests.unit.traces import write_trace
from verifier.compare import Pair
from verifier.explain import bisection
from verifier.explain.bisection import Steps, first_parting
from verifier.explain.findings import Fact, Finding, OtherKind
from verifier.explain.kinds import explain_files

STEPS, TENSORS, DECISIONS = "steps.jsonl", "tensors.jsonl", "decisions.json"


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    return write_trace(tmp_path / "first", 20)


def findings(first: Path, second: Path, name: str = STEPS) -> list[Finding]:
    return list(explain_files(Pair(first=first / name, second=second / name, name=name), make_context()))


@pytest.mark.parametrize("step", [1, 2, 7, 19, 20])
def test_step_is_found(step: int, trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20, changed=step)
    parting = first_parting(trace / STEPS, other / STEPS)
    assert parting is not None
    assert parting.step == step


@pytest.mark.parametrize(
    ("quantity", "fact"),
    [
        ("batch", Fact.BATCH),
        ("loss", Fact.LOSS),
        ("learning_rate", Fact.LEARNING_RATE),
        ("gradient_norm", Fact.GRADIENT),
    ],
)
def test_quantity_is_named(quantity: str, fact: Fact, trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20, changed=7, quantity=quantity)
    (finding,) = findings(trace, other)
    assert (finding.place, finding.training_step) == ("step 7", 7)
    assert finding.sentence.startswith(f"the {quantity.replace('_', ' ')} is ")
    assert "all 6 steps before are equal" in finding.sentence
    assert fact in finding.facts


def test_equal_traces_do_not_part(trace: Path) -> None:
    assert first_parting(trace / STEPS, write_trace(trace.parent / "second", 20) / STEPS) is None


def test_longer_trace_parts_where_the_shorter_ends(trace: Path) -> None:
    (finding,) = findings(trace, write_trace(trace.parent / "second", 33))
    assert finding.place == "step 21"
    assert finding.sentence == "the first has 20 steps, the second 33; all 20 steps before are equal"
    assert finding.facts == {Fact.LENGTH}


def edit(folder: Path, old: bytes, new: bytes, name: str = STEPS) -> None:
    content = (folder / name).read_bytes()
    assert old in content
    (folder / name).write_bytes(content.replace(old, new, 1))


def rechain(path: Path) -> None:
    """Gives every line the chain that follows from its text."""
    chain, lines = "0" * 32, []
    for line in path.read_bytes().splitlines():
        body = line[1:].rpartition(b',"chain"')[0]
        chain = hashlib.sha256(chain.encode() + body).hexdigest()[:32]
        lines.append(b'{%s,"chain":"%s"}\n' % (body, chain.encode()))
    path.write_bytes(b"".join(lines))


def test_loss_that_differs_by_rounding_is_told_from_others(trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20)
    edit(other, b"2.5000000000000000e-01", b"2.5000000000000006e-01")
    rechain(other / STEPS)
    (finding,) = findings(trace, other)
    assert finding.facts == {Fact.LOSS, Fact.ROUNDING}
    assert "looks like rounding; the batch is equal" in finding.sentence


def test_batch_that_comes_later_is_named(trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20)
    edit(other, b"%032x" % 5, b"%032x" % 99)
    edit(other, b"%032x" % 9, b"%032x" % 5)
    rechain(other / STEPS)
    (finding,) = findings(trace, other)
    assert "the first's comes at step 9 of the second" in finding.sentence
    assert finding.facts == {Fact.BATCH, Fact.BATCH_ELSEWHERE}


def test_changed_line_under_an_old_chain_is_damage(trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20)
    edit(other, b"2.5000000000000000e-01", b"3.5000000000000000e-01")
    (finding,) = findings(trace, other)
    assert finding.place == "line 4"
    assert "the trace is damaged: a line differs from byte" in finding.sentence


def test_earlier_change_under_an_old_chain_is_not_passed_over(trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20, changed=12)
    edit(other, b"2.5000000000000000e-01", b"3.5000000000000000e-01")
    (finding,) = findings(trace, other)
    assert finding.place == "line 4"


def test_chain_that_does_not_follow_is_damage(trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20)
    with Steps(other / STEPS) as steps:
        chain = steps.chain(20)
    edit(other, chain.encode(), b"f" * 32)
    with pytest.raises(OtherKind, match="chain of step 20 does not follow"):
        first_parting(trace / STEPS, other / STEPS)


DAMAGE = [b"", b"\n", b"x" * 10_000, b"{}\n" * 20, b"[1]\n" * 20, b"\xff\xfe\n" * 20, b'{"step":1}\n' * 9]


@pytest.mark.parametrize("name", [STEPS, TENSORS, DECISIONS])
@pytest.mark.parametrize("content", DAMAGE)
def test_damaged_file_is_explained_with_the_reason(name: str, content: bytes, trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20)
    (other / name).write_bytes(content)
    first, *_ = findings(trace, other, name)
    assert "the trace is damaged" in first.sentence or Fact.LENGTH in first.facts or content == b""


def test_lines_of_several_lengths_are_damage(trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20)
    edit(other, b'"loss":  ', b'"loss": ')
    (finding,) = findings(trace, other)
    assert "do not all have" in finding.sentence


def test_first_tensor_and_the_number_of_others_are_named(trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20, tensor=2.0)
    (finding,) = findings(trace, other, TENSORS)
    assert (finding.place, finding.training_step) == ("after step 1", 1)
    assert finding.sentence == "tensor 'w' differs first"
    assert Fact.INITIAL not in finding.facts


def test_tensor_before_the_first_step_is_the_initialisation(trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20)
    edit(other, b'"sha256":"3', b'"sha256":"4', TENSORS)
    (finding,) = findings(trace, other, TENSORS)
    assert finding.place == "before the first step"
    assert Fact.INITIAL in finding.facts


def test_decision_that_differs_is_named(trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20)
    edit(other, b"SGD", b"Adam", DECISIONS)
    (finding,) = findings(trace, other, DECISIONS)
    assert finding.place == "decision 'optimiser'"
    assert finding.sentence == "$.value.name: 'SGD' in the first, 'Adam' in the second"


def write_million(path: Path, changed: int) -> None:
    """Writes a million steps whose chain follows; in one the loss is another."""
    chain = "0" * 32
    with path.open("wb") as file:
        for step in range(1, 1_000_001):
            loss = 2 if step == changed else 1
            body = b'"step":%10d,"batch":null,"loss":%4d,"learning_rate":null,"gradient_norm":null' % (
                step,
                loss,
            )
            chain = hashlib.sha256(chain.encode() + body).hexdigest()[:32]
            line = b'{%s,"chain":"%s"}\n' % (body, chain.encode())
            file.write(line)


def test_million_steps_are_bisected_in_a_blink_and_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, changed in (("a", 0), ("b", 876_543)):
        write_million(tmp_path / name, changed)
    read: list[int] = []
    line = Steps.line
    monkeypatch.setattr(bisection.Steps, "line", lambda self, step: read.append(step) or line(self, step))
    tracemalloc.start()
    begun = time.monotonic()
    parting = first_parting(tmp_path / "a", tmp_path / "b")
    seconds = time.monotonic() - begun
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert parting is not None
    assert parting.step == 876_543
    assert seconds < 2
    assert peak < 1 << 20
    assert len(read) < 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_trace(tmp_path_factory.mktemp("traces") / "first", 9)


@pytest.mark.parametrize("name", [STEPS, TENSORS, DECISIONS])
@given(data=st.data())
def test_any_damage_is_explained(folder: Path, name: str, data: st.DataObject) -> None:
    good = (folder / name).read_bytes()
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    other = folder.parent / "second"
    other.mkdir(exist_ok=True)
    (other / name).write_bytes(damaged[: data.draw(st.integers(0, len(good)))] or b"x")
    assert findings(folder, other, name) or damaged == good


def test_decision_in_one_only_is_matched_by_what_it_is(trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20)
    made = json.loads((other / DECISIONS).read_text())
    made["decisions"].insert(0, {"what": "seed", "after_step": 0, "value": {}})
    (other / DECISIONS).write_text(json.dumps(made))
    (finding,) = findings(trace, other, DECISIONS)
    assert (finding.place, finding.sentence) == ("decision 'seed'", "in the second only")


def test_decisions_in_another_order_are_said(trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20)
    made = json.loads((other / DECISIONS).read_text())
    made["decisions"].reverse()
    (other / DECISIONS).write_text(json.dumps(made))
    (finding,) = findings(trace, other, DECISIONS)
    assert finding.sentence == "the same decisions in another order"
