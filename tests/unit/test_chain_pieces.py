"""What a claim is made of, and a chain that is none."""

import pytest

from tests.unit.chained import chained_plan
from tests.unit.plans import drv_path
from verifier.chain.pieces import base_of, pieces_of
from verifier.chain.times import piece_seconds, time_limit
from verifier.errors import BadInput


def test_pieces_are_the_chunks_and_the_steps_behind_them() -> None:
    found = pieces_of(chained_plan())
    assert [piece.name for piece in found] == [
        "train-1",
        "train-2",
        "train-3",
        "train",
        "evaluate",
        "package",
    ]
    assert [piece.number for piece in found] == [1, 2, 3, None, None, None]
    assert [piece.reads for piece in found[:5]] == [
        (),
        ("train-1",),
        ("train-2",),
        ("train-1", "train-2", "train-3"),
        ("train",),
    ]


def test_toolchain_and_data_are_never_claimed() -> None:
    plan = chained_plan()
    assert [build.name for build in base_of(plan, pieces_of(plan))] == ["toolchain", "prepare"]


def test_training_in_one_piece_is_one_piece() -> None:
    found = pieces_of(chained_plan(0))
    assert [piece.name for piece in found] == ["train", "evaluate", "package"]


@pytest.mark.parametrize(
    ("below", "why"),
    [
        ({"train_3": ["prepare", "train-1"]}, "train-3 reads train-1, not train-2 alone"),
        ({"train_3": ["prepare"]}, "train-3 reads none, not train-2 alone"),
        ({"train_3": ["train-1", "train-2"]}, "train-3 reads train-1 and train-2, not train-2 alone"),
        ({"train_1": ["train-2"], "train_2": ["prepare"]}, "train-1 reads train-2, not no chunk"),
        ({"train": ["prepare", "train-1"]}, "train of tiny does not read train-3"),
    ],
)
def test_chain_with_a_hole_is_bad_input(below: dict[str, list[str]], why: str) -> None:
    with pytest.raises(BadInput) as caught:
        pieces_of(chained_plan(**below))
    assert why in caught.value.sentence


def test_chunk_that_the_bundle_does_not_read_is_bad_input() -> None:
    plan = chained_plan()
    plan.model.steps["evaluate"] = drv_path("elsewhere")
    with pytest.raises(BadInput, match="no part of the bundle of tiny"):
        pieces_of(plan)


KNOWN = {"tiny-1.0.0-train": 90.0, "tiny-1.0.0-evaluate": 3.0}


def test_time_of_a_training_is_dealt_out_to_its_chunks() -> None:
    found = piece_seconds(chained_plan(), KNOWN)
    assert found == {"tiny-1.0.0-evaluate": 3.0, **{f"tiny-1.0.0-train-{n}": 30.0 for n in (1, 2, 3)}}


def test_short_last_chunk_takes_less() -> None:
    found = piece_seconds(chained_plan(3, {1: 4, 2: 4, 3: 1}), KNOWN)
    assert [found[f"tiny-1.0.0-train-{n}"] for n in (1, 2, 3)] == [40.0, 40.0, 10.0]


def test_training_in_one_piece_takes_what_it_took() -> None:
    assert piece_seconds(chained_plan(0), KNOWN) == KNOWN
    assert piece_seconds(chained_plan(), {}) == {}


def test_time_limit_is_what_is_asked_for_or_many_times_what_is_expected() -> None:
    plan = chained_plan()
    assert time_limit(5.0, plan, KNOWN) == 5.0
    assert time_limit(None, plan, KNOWN) == 3600.0
    assert time_limit(None, plan, {"tiny-1.0.0-train-1": 1000.0}) == 20_000.0
    assert time_limit(None, plan, {}) == 86_400.0
