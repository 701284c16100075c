"""A numpy training in chunks: the bits of one piece, however it is cut; what it cannot go on from is refused."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from builder.runtime.failure import StepFailed
from tests.unit.chunks import (
    SCRIPT,
    Trainings,
    as_in_a_build,
    contents,
    flip,
    lengths,
    rewrite,
    shares,
    state_of,
)


@pytest.fixture
def trainings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trainings:
    as_in_a_build(monkeypatch)
    return Trainings(folder=tmp_path)


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of the first of two chunks, for one test to spoil a copy of it."""
    with pytest.MonkeyPatch.context() as patch:
        as_in_a_build(patch)
        return Trainings(folder=tmp_path_factory.mktemp("half")).piece({"number": 1, "of": 2})


CUTS = {
    **{f"{count} shares": shares(count) for count in (1, 2, 5, 12)},
    **{f"chunks of {steps}": lengths(steps, 12) for steps in (4, 5)},
}


@pytest.mark.parametrize("cut", CUTS)
def test_chain_gives_the_files_of_one_piece(cut: str, trainings: Trainings) -> None:
    whole = contents(trainings.piece(None))
    assert contents(trainings.joined(trainings.chain(CUTS[cut]))) == whole
    assert whole.keys() == {"losses.txt", "model.safetensors", *(f"trace/{n}" for n in TRACE)}


TRACE = ("steps.jsonl", "tensors.jsonl", "decisions.json")


def test_checkpoint_repeats_and_names_the_one_before(trainings: Trainings) -> None:
    first, again = trainings.chain(shares(3)), trainings.chain(shares(3))
    assert [contents(one) for one in first] == [contents(one) for one in again]
    states = [state_of(one) for one in first[:2]]
    assert [state["step"] for state in states] == [4, 8]
    assert states[0]["previous"] is None
    assert not (first[2] / "checkpoint").exists()


def test_model_nix_may_say_the_total(trainings: Trainings) -> None:
    script = SCRIPT.replace("load(12, ", "load(")
    whole = replace(trainings, script=script, total=12).piece(None)
    cut = replace(trainings, script=script)
    assert contents(cut.joined(cut.chain(lengths(5, 12)))) == contents(whole)


def test_longer_training_goes_on_from_the_same_checkpoints(trainings: Trainings) -> None:
    script = SCRIPT.replace("load(12, ", "load(")
    cut = replace(trainings, script=script)
    short, long = cut.chain(lengths(4, 10)), cut.chain(lengths(4, 20))
    assert [contents(one) for one in short[:2]] == [contents(one) for one in long[:2]]


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-8])


TENSORS, STATE = "checkpoint/tensors.safetensors", "checkpoint/state.json"
SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "a bit of a tensor": (lambda out: flip(out / TENSORS), "tensors.safetensors was altered"),
    "a truncated tensor": (lambda out: cut_off(out / TENSORS), "bytes, and state.json says"),
    "no tensors": (lambda out: (out / TENSORS).unlink(), "tensors.safetensors cannot be read"),
    "truncated state": (lambda out: cut_off(out / STATE), "state.json is damaged"),
    "no state": (lambda out: (out / STATE).unlink(), "there is no checkpoint/state.json"),
    "no checkpoint": (lambda out: shutil.rmtree(out / "checkpoint"), "there is no checkpoint/state.json"),
    "a space": (
        lambda out: (out / STATE).write_text((out / STATE).read_text() + " "),
        "it is not canonical JSON",
    ),
    "an unknown key": (lambda out: rewrite(out, lambda s: s.update(more=1)), "unknown key 'more'"),
    "no step": (lambda out: rewrite(out, lambda s: s.pop("step")), "'step' is a required property"),
    "another step": (lambda out: rewrite(out, lambda s: s.update(step=5)), "written after step 5"),
    "another type": (
        lambda out: rewrite(out, lambda s: s["objects"]["state"]["state"].update(type="set")),  # type: ignore[index]
        "do not fit together",
    ),
    "a tensor that is not there": (
        lambda out: rewrite(out, lambda s: s["objects"]["weights"]["state"]["items"][0][1].update(name="v")),  # type: ignore[index]
        "do not fit together",
    ),
}


@pytest.mark.parametrize("what", SPOILT)
def test_checkpoint_that_was_spoilt_is_refused(what: str, half: Path, trainings: Trainings) -> None:
    spoil, sentence = SPOILT[what]
    before = Path(shutil.copytree(half, trainings.folder / "before"))
    spoil(before)
    failure = trainings.refused({"number": 2, "of": 2}, before)
    assert "cannot go on from the checkpoint of the chunk before" in failure.sentence
    assert sentence in failure.sentence
    assert failure.kind == "bad-input"


def test_checkpoint_of_another_version_code_or_parameters_is_refused(
    half: Path, trainings: Trainings
) -> None:
    failure = trainings.refused({"number": 2, "of": 2}, half, version="1.1.0")
    assert "belongs to another training: its version is 1.0.0, this one's 1.1.0" in failure.sentence
    other = replace(trainings, script=SCRIPT + "# another\n")
    assert "another training: its code is" in other.refused({"number": 2, "of": 2}, half).sentence
    before = Path(shutil.copytree(half, trainings.folder / "before"))
    rewrite(before, lambda state: state["training"].update(params="0" * 64))  # type: ignore[attr-defined]
    assert "its params is 000" in trainings.refused({"number": 2, "of": 2}, before).sentence


def test_checkpoint_of_another_place_in_the_chain_is_refused(half: Path, trainings: Trainings) -> None:
    failure = trainings.refused({"number": 2, "of": 3}, half)
    assert "it was written after step 6, and this chunk begins after 4" in failure.sentence


def test_trace_that_was_spoilt_in_the_state_is_found_by_the_join(half: Path, trainings: Trainings) -> None:
    before = Path(shutil.copytree(half, trainings.folder / "before"))
    rewrite(before, lambda state: state["trace"].update(chain="0" * 32))  # type: ignore[attr-defined]
    after = trainings.piece({"number": 2, "of": 2}, before)
    with pytest.raises(StepFailed, match="in the trace of chunk 2, step 7 does not follow"):
        trainings.joined([before, after])


def test_state_has_no_pickle_and_json_that_any_reader_takes(half: Path) -> None:
    assert sorted(path.name for path in (half / "checkpoint").iterdir()) == [
        "state.json",
        "tensors.safetensors",
    ]
    document = json.loads((half / STATE).read_text())
    assert document["schema"] == "samebits/checkpoint/v1"
    assert document["objects"]["state"]["kind"] == "dict"
    assert document["objects"]["noise"]["kind"] == "numpy.Generator"
