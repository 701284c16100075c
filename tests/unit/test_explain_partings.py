"""How two trainings that part are drawn, and that a verdict carries it."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.unit.traces import write_trace
from verifier.explain.drawing import MOST_POINTS, partings
from verifier.explain.sampled import evenly
from verifier.rebuild.explaining import explain_kept
from verifier.trace import STEPS
from verifier.verdict import Kept


def two(folder: Path, steps: tuple[int, int] = (20, 20), **second: object) -> tuple[Path, Path]:
    write_trace(folder / "first" / "trace", steps[0])
    write_trace(folder / "second" / "trace", steps[1], **second)  # type: ignore[arg-type]
    return folder / "first", folder / "second"


def test_quantity_that_parts_is_drawn_with_both_sides(tmp_path: Path) -> None:
    (found,) = partings(*two(tmp_path, changed=7))
    assert (found.path, found.quantity, found.step) == ("trace/steps.jsonl", "loss", 7)
    assert found.first[6] == (7, 1 / 7)
    assert found.second[6] == (7, 7.0)
    assert [step for step, _ in found.first] == list(range(1, 21))


def test_long_training_is_sampled_and_the_parting_is_there(tmp_path: Path) -> None:
    (found,) = partings(*two(tmp_path, (5000, 5000), changed=3777, quantity="learning_rate"))
    steps = [step for step, _ in found.second]
    assert {1, 3776, 3777, 5000} <= set(steps)
    assert len(steps) <= MOST_POINTS
    assert dict(found.second)[3777] == 7.0
    assert max(b - a for a, b in itertools.pairwise(steps)) <= 26


def test_training_that_ends_earlier_is_drawn_to_its_end(tmp_path: Path) -> None:
    found = partings(*two(tmp_path, (20, 9)))
    assert [(one.quantity, one.step) for one in found] == [
        ("loss", 10),
        ("learning_rate", 10),
        ("gradient_norm", 10),
    ]
    assert found[0].second[-1][0] == 9


def test_equal_trainings_give_nothing(tmp_path: Path) -> None:
    assert partings(*two(tmp_path)) == ()


def test_batch_has_no_curve_of_its_own(tmp_path: Path) -> None:
    assert partings(*two(tmp_path, changed=7, quantity="batch")) == ()


@pytest.mark.parametrize("damage", [b"", b"{}\n", b"\xff" * 600, b"[" * 100_000])
def test_damaged_trace_gives_nothing(damage: bytes, tmp_path: Path) -> None:
    first, second = two(tmp_path, changed=7)
    path = second / "trace" / STEPS
    path.write_bytes(path.read_bytes()[: 5 * 40] + damage)
    assert partings(first, second) == ()


def test_chain_that_lies_gives_nothing(tmp_path: Path) -> None:
    first, second = two(tmp_path, changed=7)
    path = second / "trace" / STEPS
    path.write_bytes(path.read_bytes().replace(b"7.0000000000000000e+00", b"8.0000000000000000e+00", 1))
    assert partings(first, second) == ()


def test_a_few_traces_are_drawn_and_no_more(tmp_path: Path) -> None:
    for name in "abcdefghijklmnop":
        write_trace(tmp_path / "first" / name, 3)
        write_trace(tmp_path / "second" / name, 3, changed=2)
    assert len(partings(tmp_path / "first", tmp_path / "second")) == 12


def test_steps_are_sampled_evenly_with_both_ends() -> None:
    for last in (0, 1, 2, 3, 4, 5, 499, 500, 501, 10**9):
        found = evenly(last, 4)
        assert len(found) == min(last, 4)
        assert found == sorted(set(found))
        assert not found or (found[0], found[-1]) == (1, last)


def test_what_is_kept_is_explained_with_what_can_be_drawn(tmp_path: Path) -> None:
    first, second = two(tmp_path, changed=7)
    for side, value in ((first, 0.0), (second, 1.0)):
        save_file({"w": np.full(3, value)}, side / "model.safetensors")
    kept = Kept(subject="train", first=str(first), second=str(second))
    (found,) = explain_kept([kept], {}, "in an empty store", lambda _: [])
    assert [one.tensor for one in found.tensors] == ["w"]
    assert [one.quantity for one in found.partings] == ["loss"]
    assert found.explanation.findings


def test_folder_without_tensors_and_traces_gives_nothing(tmp_path: Path) -> None:
    for side in ("first", "second"):
        (tmp_path / side).mkdir()
        (tmp_path / side / "text").write_text(side)
    kept = Kept(subject="prepare", first=str(tmp_path / "first"), second=str(tmp_path / "second"))
    (found,) = explain_kept([kept], {}, "", lambda _: [])
    assert (found.tensors, found.partings) == ((), ())
