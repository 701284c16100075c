"""Arrays on disk and in the record of the data: bytes that depend on names and values alone."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors import SafetensorError

from builder.runtime import dataset, tensors
from builder.runtime.canonical import digest
from builder.runtime.validate import SCHEMAS, load_schema, validate
from tests.unit.bundles import DATA

SCHEMA = SCHEMAS.parent / "packaging" / "schemas" / "data.schema.json"
DTYPES = st.sampled_from(["<f2", "<f4", "<f8", "i1", "<i2", "<i4", "<i8", "u1", "<u2", "<u4", "<u8", "?"])
ARRAYS = arrays.arrays(DTYPES, arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3))


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the running step."""
    monkeypatch.setenv("SAMEBITS_OUTPUT", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tensors")


def saved(folder: Path, values: dict[str, np.ndarray]) -> bytes:
    tensors.save(folder / "file.safetensors", values)
    return (folder / "file.safetensors").read_bytes()


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return (a.shape, a.dtype, a.tobytes()) == (b.shape, b.dtype, b.tobytes())


@given(
    st.dictionaries(st.text(st.characters(codec="ascii"), min_size=1).filter("__metadata__".__ne__), ARRAYS)
)
def test_what_was_saved_is_loaded_the_same(folder: Path, values: dict[str, np.ndarray]) -> None:
    saved(folder, values)
    loaded = tensors.load(folder / "file.safetensors")
    assert loaded.keys() == values.keys()
    assert all(same(loaded[name], values[name]) for name in values)


def test_array_without_axes_keeps_its_shape(folder: Path) -> None:
    saved(folder, {"a": np.array(3.0, np.float32)})
    assert tensors.load(folder / "file.safetensors")["a"].shape == ()


def test_order_of_names_changes_no_byte(folder: Path) -> None:
    a, b = np.ones(3, np.float32), np.zeros((2, 2))
    assert saved(folder, {"a": a, "b": b}) == saved(folder, {"b": b, "a": a})


@pytest.mark.parametrize(
    "layout", [np.asfortranarray, lambda a: a[::-1][::-1], lambda a: np.repeat(a, 2, axis=1)[:, ::2]]
)
def test_layout_in_memory_changes_no_byte(layout: object, folder: Path) -> None:
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert saved(folder, {"a": layout(array)}) == saved(folder, {"a": array})  # type: ignore[operator]


def test_order_of_bytes_in_memory_changes_no_byte(folder: Path) -> None:
    array = np.arange(4, dtype="<f4")
    assert saved(folder, {"a": array.astype(">f4")}) == saved(folder, {"a": array})


def test_file_has_no_metadata(folder: Path) -> None:
    content = saved(folder, {"a": np.ones(3, np.float32)})
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert list(header) == ["a"]


@pytest.mark.parametrize("content", [b"", b"pickle", b"\xff" * 20])
def test_file_that_is_no_safetensors_cannot_be_loaded(content: bytes, folder: Path) -> None:
    (folder / "file.safetensors").write_bytes(content)
    with pytest.raises(SafetensorError):
        tensors.load(folder / "file.safetensors")


def test_description_has_type_shape_and_hash_of_the_bytes() -> None:
    array = np.arange(6, dtype="<f4").reshape(2, 3)
    described = dataset.describe(array)
    assert described == {
        "dtype": "<f4",
        "shape": [2, 3],
        "sha256": hashlib.sha256(array.tobytes()).hexdigest(),
    }


@given(ARRAYS)
def test_description_does_not_see_the_layout_in_memory(array: np.ndarray) -> None:
    assert dataset.describe(np.asfortranarray(array)) == dataset.describe(array)


def test_description_sees_the_order_of_bytes() -> None:
    array = np.array([1, 2], "<i2")
    assert dataset.describe(array.astype(">i2")) != dataset.describe(array)


def test_stages_are_kept_in_their_order(output: Path) -> None:
    images, labels = np.zeros((5, 4), np.float32), np.zeros(5, np.int64)
    dataset.stage("read", images=images, labels=labels)
    dataset.stage("train", images=images[:3])
    stages = json.loads((output / "stages.json").read_text())
    assert [(stage["name"], stage["rows"], sorted(stage["arrays"])) for stage in stages] == [
        ("read", 5, ["images", "labels"]),
        ("train", 3, ["images"]),
    ]


def test_digest_of_a_stage_is_that_of_its_arrays(output: Path) -> None:
    dataset.stage("read", images=np.zeros((5, 4)))
    (stage,) = json.loads((output / "stages.json").read_text())
    assert stage["sha256"] == digest(stage["arrays"])


def test_one_changed_value_changes_the_stage(output: Path) -> None:
    images = np.zeros((5, 4))
    dataset.stage("before", images=images)
    images[4, 3] = -0.0
    dataset.stage("after", images=images)
    before, after = json.loads((output / "stages.json").read_text())
    assert before["sha256"] != after["sha256"]


def test_arrays_with_different_rows_are_refused(output: Path) -> None:
    with pytest.raises(ValueError, match=r"'read' must have the same number of rows, found \[2, 3\]"):
        dataset.stage("read", images=np.zeros((3, 4)), labels=np.zeros(2))


def test_stage_without_arrays_is_refused(output: Path) -> None:
    with pytest.raises(ValueError, match="the same number of rows"):
        dataset.stage("read")


def test_array_of_python_objects_is_refused(output: Path) -> None:
    """Its bytes are addresses in memory, which no second build would give again."""
    with pytest.raises((TypeError, ValueError)):
        dataset.stage("read", labels=np.array(["a", "bc"], dtype=object))


def counts_of(output: Path, **values: np.ndarray) -> object:
    dataset.stage("read", **values)
    (stage,) = json.loads((output / "stages.json").read_text())
    assert stage["sha256"] == digest(stage["arrays"])
    validate({**DATA, "stages": [stage]}, load_schema(SCHEMA), "data.json")
    return stage.get("counts")


def test_labels_are_counted(output: Path) -> None:
    labels, flags = np.array([3, 1, 3, -2], np.int8), np.array([True, False, True, True])
    images = np.zeros((4, 2), np.int64)
    assert counts_of(output, labels=labels, flags=flags, images=images) == {
        "labels": {"-2": 1, "1": 1, "3": 2},
        "flags": {"False": 1, "True": 3},
    }


@pytest.mark.parametrize(
    "values",
    [np.zeros(3), np.zeros((3, 1), np.int64), np.arange(1001), np.array(["a", "b"]), np.zeros(3, "<c8")],
    ids=["floating", "more axes", "too many", "texts", "complex"],
)
def test_what_is_no_label_is_not_counted(values: np.ndarray, output: Path) -> None:
    assert counts_of(output, values=values) is None


def test_thousand_labels_are_counted(output: Path) -> None:
    assert counts_of(output, labels=np.arange(1000)) == {"labels": {str(value): 1 for value in range(1000)}}
