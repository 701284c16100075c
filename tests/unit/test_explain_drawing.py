"""What of a difference is drawn: tensors by decades, trainings around the step where they part."""

import math
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from tests.unit.explaining import entry, make_pair, safetensors_bytes
from verifier.explain import elements
from verifier.explain.drawing import tensor_differences
from verifier.explain.pictured import DECADES, TensorDifference

NAME = "weights/model.safetensors"


def drawn(folder: Path, first: bytes, second: bytes, name: str = NAME) -> list[TensorDifference]:
    make_pair(folder, first, second, name)
    return list(tensor_differences(folder / "first", folder / "second", 10))


def arrays(folder: Path, first: object, second: object, dtype: str = "f8") -> TensorDifference:
    (found,) = drawn(folder, *(save({"w": np.array(one, dtype)}) for one in (first, second)))
    return found


@pytest.mark.parametrize(
    ("relative", "decade"),
    [(3e-16, 0), (5e-15, 1), (5e-14, 2), (5e-8, 8), (0.05, 14), (0.5, 15)],
)
def test_element_is_counted_in_the_decade_of_its_relative_difference(
    relative: float, decade: int, tmp_path: Path
) -> None:
    found = arrays(tmp_path, [1.0, 7.0], [1.0 - relative, 7.0])
    assert found.histogram[decade] == 1
    assert (found.elements, found.differing, sum(found.histogram)) == (2, 1, 1)


def test_opposite_signs_and_what_is_not_finite_are_in_the_last(tmp_path: Path) -> None:
    found = arrays(tmp_path, [1.0, math.nan, math.inf, 1.0, 1e308], [-1.0, 1.0, 1.0, 1.5, -1e308])
    assert found.histogram[DECADES - 1] == 4
    assert found.histogram[15] == 1
    assert found.largest == 2.0


def test_zeros_of_both_signs_differ_by_nothing(tmp_path: Path) -> None:
    found = arrays(tmp_path, [0.0], [-0.0])
    assert (found.differing, found.largest, found.histogram[0]) == (1, 0.0, 1)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "i8", "u2", "?"])
def test_every_kind_of_number_is_drawn(dtype: str, tmp_path: Path) -> None:
    found = arrays(tmp_path, [0, 1, 1], [0, 1, 0], dtype)
    assert (found.differing, found.largest) == (1, 1.0)


def test_tensors_come_in_the_order_of_the_first_and_equal_ones_do_not(tmp_path: Path) -> None:
    one = {"a": np.zeros(3), "b": np.zeros(3), "c": np.zeros(3)}
    found = drawn(tmp_path, save(one), save(one | {"a": np.ones(3), "c": np.ones(3)}))
    assert [(each.path, each.tensor) for each in found] == [(NAME, "a"), (NAME, "c")]


def test_no_more_tensors_are_drawn_than_asked_for(tmp_path: Path) -> None:
    for name in ("a.safetensors", "b.safetensors"):
        zeros = {f"t{n}": np.zeros(1) for n in range(5)}
        make_pair(tmp_path, save(zeros), save({name: array + 1 for name, array in zeros.items()}), name)
    found = tensor_differences(tmp_path / "first", tmp_path / "second", 7)
    assert [each.path for each in found] == ["a.safetensors"] * 5 + ["b.safetensors"] * 2
    assert tensor_differences(tmp_path / "first", tmp_path / "second", 0) == ()


def test_npy_file_is_drawn_under_its_own_name(tmp_path: Path) -> None:
    for side, value in (("first", 1.0), ("second", 3.0)):
        (tmp_path / side).mkdir()
        np.save(tmp_path / side / "scores.npy", np.full((4, 4), value))
    (found,) = tensor_differences(tmp_path / "first", tmp_path / "second", 10)
    assert (found.path, found.tensor, found.differing, found.largest) == ("scores.npy", "scores", 16, 2.0)


def test_two_files_by_name_are_drawn_too(tmp_path: Path) -> None:
    pair = make_pair(tmp_path, save({"w": np.zeros(2)}), save({"w": np.ones(2)}), NAME)
    assert [each.path for each in tensor_differences(pair.first, pair.second, 1)] == ["."]


def test_what_cannot_be_subtracted_is_left_out(tmp_path: Path) -> None:
    other_shape = save({"w": np.zeros(2)}), save({"w": np.zeros(3)})
    assert drawn(tmp_path, *other_shape) == []
    complex_numbers = save({"w": np.zeros(2, "c8")}), save({"w": np.ones(2, "c8")})
    assert drawn(tmp_path, *complex_numbers) == []


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"\xff" * 8,
        safetensors_bytes(b"{"),
        safetensors_bytes({"w": entry("F64", [1 << 62], 0, 8)}, bytes(8)),
        safetensors_bytes({"w": entry("F64", [1], 0, 8)}, bytes(7)),
        safetensors_bytes({"w": entry("F64", [1], 8, 16)}, bytes(16)),
    ],
)
def test_file_that_lies_gives_nothing_and_others_are_drawn(hostile: bytes, tmp_path: Path) -> None:
    make_pair(tmp_path, save({"w": np.zeros(1)}), hostile, "a.safetensors")
    make_pair(tmp_path, save({"w": np.zeros(1)}), hostile, "a.npy")
    found = drawn(tmp_path, save({"w": np.zeros(1)}), save({"w": np.ones(1)}), "b.safetensors")
    assert [each.path for each in found] == ["b.safetensors"]


def test_links_and_what_is_in_one_tree_alone_give_nothing(tmp_path: Path) -> None:
    pair = make_pair(tmp_path, save({"w": np.zeros(1)}), save({"w": np.ones(1)}), "real")
    for side in (pair.first.parent, pair.second.parent):
        (side / "link.safetensors").symlink_to(side / "real")
    pair.first.with_name("alone.safetensors").write_bytes(pair.first.read_bytes())
    assert tensor_differences(tmp_path / "first", tmp_path / "second", 10) == ()


def test_name_without_end_is_cut(tmp_path: Path) -> None:
    name = "\u202e" + "x" * 5000
    (found,) = drawn(tmp_path, save({name: np.zeros(1)}), save({name: np.ones(1)}))
    assert len(found.tensor) < 300


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.floats(width=32), st.floats(width=32)), min_size=1, max_size=40), st.integers(1, 9)
)
def test_counts_agree_with_one_element_at_a_time(values: list[tuple[float, float]], chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as name:
        folder = Path(name)
        patch.setattr(elements, "CHUNK_ELEMENTS", chunk)
        a, b = (np.array(side, "f4") for side in zip(*values, strict=True))
        found = drawn(folder, save({"w": a}), save({"w": b}))
        expected = [0] * DECADES
        for x, y in zip(a.tolist(), b.tolist(), strict=True):
            if np.float32(x).tobytes() != np.float32(y).tobytes():
                expected[_decade(x, y)] += 1
        assert [list(each.histogram) for each in found] == ([expected] if any(expected) else [])


def _decade(x: float, y: float) -> int:
    if not (math.isfinite(x) and math.isfinite(y)):
        return DECADES - 1
    relative = abs(x - y) / (max(abs(x), abs(y)) or 1)
    return sum(relative >= float(f"1e{power}") for power in range(-15, 1))
