"""What a step must leave behind: something, weights that are finite, metrics that are finite."""

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.runtime import tensors
from builder.runtime.failure import BAD_INPUT, StepFailed
from builder.runtime.finite import not_finite_place
from builder.runtime.outputs import check_output

WEIGHTS = {"w": np.ones((2, 3), np.float32), "count": np.array([1, 2])}


def refusal(step: str, output: Path) -> str:
    with pytest.raises(StepFailed) as caught:
        check_output(step, output)
    assert caught.value.kind == BAD_INPUT
    return caught.value.sentence


def raw_tensor(path: Path, dtype: str, content: bytes) -> None:
    """Writes a tensor of a type that numpy may not know, as a safetensors file."""
    length = {"BF16": 2, "F16": 2, "C64": 8, "F64": 8}.get(dtype, 1)
    entry = {"dtype": dtype, "shape": [len(content) // length], "data_offsets": [0, len(content)]}
    header = json.dumps({"w": entry}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + content)


@pytest.mark.parametrize("step", ["prepare", "train", "evaluate"])
def test_step_that_wrote_nothing_fails(step: str, tmp_path: Path) -> None:
    assert refusal(step, tmp_path) == f"{step} wrote nothing"


def test_step_that_made_only_folders_wrote_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert refusal("prepare", tmp_path) == "prepare wrote nothing"


def test_any_file_of_prepare_is_fit(tmp_path: Path) -> None:
    (tmp_path / "numbers.txt").touch()
    check_output("prepare", tmp_path)


def test_finite_weights_are_fit(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    tensors.save(tmp_path / "below" / "model.safetensors", WEIGHTS)
    check_output("train", tmp_path)


def test_train_without_weights_fails(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").touch()
    assert refusal("train", tmp_path) == "train wrote no weights"


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_weight_that_is_not_finite_fails(number: float, dtype: type, tmp_path: Path) -> None:
    tensors.save(tmp_path / "m.safetensors", {**WEIGHTS, "bad": np.array([1, number, 2, number], dtype)})
    expected = "m.safetensors: 2 of 4 values of the tensor 'bad' are NaN or infinite"
    assert refusal("train", tmp_path) == expected


@pytest.mark.parametrize(
    ("dtype", "bad", "good"),
    [
        ("BF16", b"\xc0\x7f", b"\x7f\x7f"),
        ("BF16", b"\x80\xff", b"\x80\x3f"),
        ("F16", b"\x00\x7c", b"\xff\x7b"),
        ("F8_E5M2", b"\x7c", b"\x7b"),
        ("F8_E4M3", b"\xff", b"\xfe"),
        ("F8_E8M0", b"\xff", b"\xfe"),
        ("F8_E4M3FNUZ", b"\x80", b"\xff"),
        ("F8_E5M2FNUZ", b"\x80", b"\xff"),
        ("C64", b"\0\0\0\0\0\0\xc0\x7f", b"\0\0\0\0\0\0\x80\x3f"),
        ("F64", b"\0\0\0\0\0\0\xf0\x7f", b"\xff\xff\xff\xff\xff\xff\xef\x7f"),
    ],
)
def test_only_what_is_not_finite_fails_in_every_format(
    dtype: str, bad: bytes, good: bytes, tmp_path: Path
) -> None:
    raw_tensor(tmp_path / "m.safetensors", dtype, good * 3)
    check_output("train", tmp_path)
    raw_tensor(tmp_path / "m.safetensors", dtype, good + bad + good)
    assert "1 of 3 values of the tensor 'w'" in refusal("train", tmp_path)


def test_second_file_of_weights_is_checked_too(tmp_path: Path) -> None:
    tensors.save(tmp_path / "a.safetensors", WEIGHTS)
    tensors.save(tmp_path / "b.safetensors", {"w": np.array([np.nan])})
    assert "b.safetensors: 1 of 1 values" in refusal("train", tmp_path)


def test_empty_tensor_is_finite(tmp_path: Path) -> None:
    tensors.save(tmp_path / "m.safetensors", {"w": np.zeros((0, 3))})
    check_output("train", tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x00" * 8, b"pickle", b"\xff" * 100, b"\x02\0\0\0\0\0\0\0[]"])
def test_file_that_is_no_safetensors_fails(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.safetensors").write_bytes(content)
    assert "m.safetensors is not safetensors" in refusal("train", tmp_path)


def test_weights_that_were_cut_off_fail(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    tensors.save(path, WEIGHTS)
    path.write_bytes(path.read_bytes()[:-1])
    assert "m.safetensors is not safetensors" in refusal("train", tmp_path)


def test_folder_called_like_weights_is_no_weights(tmp_path: Path) -> None:
    (tmp_path / "m.safetensors").mkdir()
    (tmp_path / "file").touch()
    assert "train wrote no weights" in refusal("train", tmp_path)


def metrics(output: Path, text: str | bytes) -> Path:
    (output / "metrics.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    return output


def test_finite_metrics_are_fit(tmp_path: Path) -> None:
    check_output("evaluate", metrics(tmp_path, '{"scalars": {"accuracy": 0.5}, "counts": [[1, 2]]}'))


def test_evaluate_without_metrics_fails(tmp_path: Path) -> None:
    (tmp_path / "other.json").touch()
    assert refusal("evaluate", tmp_path) == "evaluate wrote no metrics.json"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_metric_that_is_not_finite_names_its_place(number: str, tmp_path: Path) -> None:
    metrics(tmp_path, f'{{"scalars": {{"a": 1, "loss": [0, {number}]}}}}')
    assert refusal("evaluate", tmp_path) == "metrics.json: scalars.loss.1 is NaN or infinite"


def test_metrics_that_are_nothing_but_nan_fail(tmp_path: Path) -> None:
    assert refusal("evaluate", metrics(tmp_path, "NaN")) == "metrics.json: it is NaN or infinite"


def test_metrics_as_large_as_allowed_are_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    text = '{"scalars": {"accuracy": 0.5}}'
    check_output("evaluate", metrics(tmp_path, text + " " * ((4 << 20) - len(text))))
    sentence = refusal("evaluate", metrics(tmp_path, "[" + " " * (4 << 20)))
    assert sentence == "metrics.json has 4,194,305 bytes, more than 4,194,304"


@pytest.mark.parametrize(
    "text",
    ["", "{", b"\xff", "9" * 5_000, "[" * 100_000],
    ids=["empty", "cut off", "no text", "long number", "deep"],
)
def test_metrics_that_are_no_json_fail(text: str | bytes, tmp_path: Path) -> None:
    assert "metrics.json is not JSON" in refusal("evaluate", metrics(tmp_path, text))


@given(st.recursive(st.floats() | st.text(), lambda b: st.lists(b) | st.dictionaries(st.text(), b)))
def test_place_is_found_exactly_where_json_would_refuse(value: object) -> None:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        assert not_finite_place(value) is not None
    else:
        assert not_finite_place(value) is None


def weights_and(output: Path, name: str, content: bytes) -> Path:
    tensors.save(output / "model.safetensors", WEIGHTS)
    (output / name).write_bytes(content)
    return output


def torch_zip(*names: str) -> bytes:
    """Returns a zip as torch.save writes it: a folder with a pickle and the tensors' bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return file.getvalue()


OLD_TORCH = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps({"a": 1}, 2) + b"raw"  # then tensors
CALLING = b"cos\nsystem\n(S'true'\ntR."  # protocol 0
PICKLES = (
    [OLD_TORCH, CALLING]
    + [pickle.dumps({"a": 1}, protocol) for protocol in range(2, 6)]
    + [torch_zip("m/data.pkl", "m/data/0")]
)


@pytest.mark.parametrize("content", PICKLES)
def test_pickle_beside_the_weights_fails(content: bytes, tmp_path: Path) -> None:
    sentence = refusal("train", weights_and(tmp_path, "checkpoint.pt", content))
    assert sentence == "checkpoint.pt is a pickle, which runs code when it is read"


TEXTS = [b"", b"\x80", b"\x80\x04 text", b"PK", b"PK\x03\x04", torch_zip("a.npy"), b"{}\n", b"N.", b"words."]


@pytest.mark.parametrize("content", TEXTS)
def test_what_only_resembles_a_pickle_is_fit(content: bytes, tmp_path: Path) -> None:
    check_output("train", weights_and(tmp_path, "notes", content))


def test_trace_without_an_end_fails(tmp_path: Path) -> None:
    (tmp_path / "trace").mkdir()
    assert (
        refusal("train", weights_and(tmp_path, "trace/steps.jsonl", b""))
        == "train left a trace without an end"
    )
    (tmp_path / "trace/decisions.json").write_text("{}")
    check_output("train", tmp_path)
