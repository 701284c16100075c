"""What the verifier makes of a training in chunks: names, resources, failures, and a chain that is none."""

from dataclasses import replace

import pytest

from tests.unit.plans import derivation, drv_path, make_plan, make_row
from verifier.derivation import Derivation
from verifier.errors import BadInput
from verifier.nixlog import Event, Log
from verifier.rebuild import attesting, trials
from verifier.rebuild import build as building
from verifier.rebuild import plan as planning
from verifier.rebuild.build import explain_failure
from verifier.rebuild.plan import Plan
from verifier.report.alerts import concerned
from verifier.verdict import Status, step_of


def chained(*chunks: Derivation, train: Derivation | None = None) -> Plan:
    """Returns a plan whose training is in chunks; two, where none are given."""
    plan = make_plan()
    cut = chunks or (
        derivation("tiny-train-1", ["prepare"]),
        derivation("tiny-train-2", ["prepare", "tiny-train-1"]),
    )
    joined = train or derivation("train", ["prepare", *(one.name for one in cut)])
    others = [build for build in plan.builds if build.name != "train"]
    model = replace(plan.model, chunks=tuple(one.path for one in cut))
    return replace(plan, model=model, builds=(*others[:2], *cut, joined, *others[2:]))


def test_chunks_are_called_by_their_number() -> None:
    plan = chained()
    assert [plan.label(drv_path(name)) for name in ("tiny-train-1", "tiny-train-2", "train", "alone")] == [
        *("train-1", "train-2", "train", "alone"),
    ]
    assert make_plan().chunks() == {}


def test_chunk_that_reads_no_chunk_before_it_is_no_chain() -> None:
    planning._check_chain(chained())
    planning._check_chain(make_plan())
    first, second = derivation("c1", ["prepare"]), derivation("c2", ["prepare"])
    with pytest.raises(BadInput, match="the chunks of tiny are no chain"):
        planning._check_chain(chained(first, second))
    with pytest.raises(BadInput, match="the chunks of tiny are no chain"):
        planning._check_chain(chained(train=derivation("train", ["prepare", "tiny-train-2"])))


def used(name: str, kind: str, **fields: object) -> Event:
    return Event(derivation=drv_path(name), fields={"event": kind, **fields})


EVENTS = [
    used("tiny-train-1", "usage", threads=2, data_loading_seconds=0.5, device="cpu", batch_rows=16),
    used("tiny-train-1", "resources", wall_seconds=3.25, cpu_seconds=3, peak_memory_bytes=70),
    used("tiny-train-2", "usage", threads=1, data_loading_seconds=0.25, device="cpu", batch_rows=6),
    used("tiny-train-2", "resources", wall_seconds=1.5, cpu_seconds=1, peak_memory_bytes=80),
]


def test_training_used_what_its_chunks_used() -> None:
    found = building.resources_of(chained(), Log(events=EVENTS))
    assert found["train"] == {
        **{"wall_seconds": 4.75, "cpu_seconds": 4, "peak_memory_bytes": 80, "threads": 2},
        **{"data_loading_seconds": 0.75, "batch_rows": 16, "device": "cpu"},
    }
    assert found["train-2"]["wall_seconds"] == 1.5


def test_training_of_which_a_chunk_was_there_already_was_not_measured() -> None:
    found = building.resources_of(chained(), Log(events=EVENTS[:2]))
    assert found.keys() == {"train-1"}


def test_failure_names_the_chunk() -> None:
    said = {
        "event": "error",
        "step": "train",
        "kind": "bad-input",
        "sentence": "it failed",
        "advice": "Mend it.",
    }
    second = drv_path("tiny-train-2")
    log = Log(started=[second], events=[Event(derivation=second, fields=said)])
    assert explain_failure(chained(), log).sentence == "step train-2 of tiny: it failed"


@pytest.mark.parametrize(
    ("subject", "step"),
    [("train-12", "train"), ("train", "train"), ("train-prefix", "train-prefix"), ("x-1", "x-1")],
)
def test_chunk_belongs_to_the_step_train(subject: str, step: str) -> None:
    assert step_of(subject) == step


def test_row_of_a_chunk_is_about_its_files() -> None:
    row = make_row(Status.FAILED, subject="train-3", differences=("checkpoint/tensors.safetensors: differs",))
    assert concerned(row) == ("train-3", "train-3/checkpoint/tensors.safetensors")


def test_training_in_one_piece_is_the_first_chunk_without_an_end() -> None:
    asked = '{"step":"train","inputs":{},"chunk":{"number":1,"of":2}}'
    first = replace(derivation("c1", ["prepare"]), environment={"SAMEBITS_STEP": asked})
    plan = chained(first, derivation("c2", ["prepare", "c1"]))
    itself, without, more = trials._itself("train", plan)
    assert (itself, without, more) == (first, {"step": "train", "inputs": {}}, {"total"})
    assert trials._itself("evaluate", plan)[2] == set()


def joined(pieces: str, *below: str) -> Derivation:
    environment = {"SAMEBITS_STEP": f'{{"step":"train"{pieces}}}'}
    return replace(derivation("train", below), environment=environment)


def test_rebuilder_says_of_every_chunk_what_its_store_built() -> None:
    one, two = derivation("c1"), derivation("c2", ["c1"])
    pieces = f',"pieces":["{one.output.path}","{two.output.path}"]'
    train = joined(pieces, "c1", "c2")
    found = attesting._chunks(train.output.path, [one, two, train])
    assert found == {"train-1": one.output.path, "train-2": two.output.path}
    assert attesting._chunks(train.output.path, [joined("")]) == {}
    for wrong in (joined(pieces, "c1"), joined(',"pieces":3')):
        with pytest.raises(BadInput):
            attesting._chunks(train.output.path, [one, two, wrong])
