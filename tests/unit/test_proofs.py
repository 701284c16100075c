"""The programs of the proofs: what is lost in a save is found, and nothing but inputs goes to who answers."""

import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from builder.runtime.failure import StepFailed
from builder.runtime.proofs.fidelity import in_another_process, saved_again
from builder.runtime.proofs.golden import golden_inputs, split
from builder.runtime.proofs.inference import check_outputs
from builder.runtime.proofs.library import described
from tests.conftest import REPOSITORY
from tests.unit.steps import plan_with

ARRAYS = {"w": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.zeros(0, np.int64)}


@pytest.fixture(autouse=True)
def runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process finds the runtime as in a build."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))


def saved(path: Path, arrays: dict[str, np.ndarray], metadata: dict[str, str] | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(arrays, path, metadata=metadata)
    return path


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}])
def test_file_that_is_saved_again_is_equal(metadata: dict[str, str] | None, tmp_path: Path) -> None:
    path = saved(tmp_path / "w.safetensors", ARRAYS, metadata)
    found = saved_again(path, tmp_path / "again")
    assert found == {"equal_bytes": True, "tensors": 2, "unequal_tensors": []}


def test_order_of_a_header_that_is_lost_is_reported(tmp_path: Path) -> None:
    """As another writer than safetensors may leave it."""
    path = saved(tmp_path / "w.safetensors", ARRAYS)
    content = path.read_bytes()
    end = 8 + struct.unpack("<Q", content[:8])[0]
    header = content[8:end].rstrip() + b" " * 64
    path.write_bytes(struct.pack("<Q", len(header)) + header + content[end:])
    found = saved_again(path, tmp_path / "again")
    assert found == {"equal_bytes": False, "tensors": 2, "unequal_tensors": []}


def test_tensors_that_another_process_reads_otherwise_are_named(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.safetensors", {**ARRAYS, "same": np.ones(2)})
    other = saved(tmp_path / "other", {"w": ARRAYS["w"] + 1, "same": np.ones(2), "new": np.ones(1)})
    found = saved_again(path, tmp_path / "again", lambda _: in_another_process(other))
    assert found == {"equal_bytes": True, "tensors": 3, "unequal_tensors": ["b", "new", "w"]}


def test_description_comes_whole_from_another_process(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.safetensors", ARRAYS)
    assert in_another_process(path) == described(path)


def test_file_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    (tmp_path / "w.safetensors").write_bytes(b"pickle")
    with pytest.raises(StepFailed) as caught:
        saved_again(tmp_path / "w.safetensors", tmp_path / "again")
    assert caught.value.sentence.startswith("w.safetensors cannot be loaded by safetensors.numpy: ")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    saved(folder / "weights" / "m.safetensors", ARRAYS)
    saved(folder / "golden.safetensors", {"input.x": np.ones(3), "output.y": np.zeros(3)})
    for name in ("code/predict.py", "training/vocabulary.json", "training/trace/steps.jsonl", "params.yaml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (folder / "evaluation").mkdir()
    (folder / "evaluation" / "answers.txt").write_text("0 0 0")
    return folder


def split_off(bundle: Path) -> Path:
    out = bundle.parent / "out"
    split(plan_with(step="golden", script="predict.py", output=out, inputs={"bundle": bundle}))
    return out


def test_who_answers_gets_no_answers(bundle: Path) -> None:
    out = split_off(bundle)
    files = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    parts = {"code/predict.py", "params.yaml", "training/vocabulary.json", "weights/m.safetensors"}
    assert files == parts | {"inputs.safetensors", "predict"}
    assert list(load_file(out / "inputs.safetensors")) == ["input.x"]
    assert (out / "predict").read_text() == "predict.py\n"


def refusal(bundle: Path) -> str:
    with pytest.raises(StepFailed) as caught:
        split_off(bundle)
    return caught.value.sentence


def test_bundle_without_the_script_is_refused(bundle: Path) -> None:
    (bundle / "code" / "predict.py").unlink()
    assert refusal(bundle) == "the bundle has no code/predict.py"


def test_bundle_without_golden_tensors_is_refused(bundle: Path) -> None:
    (bundle / "golden.safetensors").unlink()
    assert refusal(bundle) == "evaluate wrote no golden.safetensors, so there is nothing to predict"


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["input.x"], "golden.safetensors has no tensor whose name begins with 'output.'"),
        (["output.y"], "golden.safetensors has no tensor whose name begins with 'input.'"),
        (["input.x", "output.y", "x"], "golden.safetensors has the tensor 'x'"),
    ],
)
def test_golden_tensors_of_other_names_are_refused(names: list[str], sentence: str, bundle: Path) -> None:
    saved(bundle / "golden.safetensors", {name: np.ones(1) for name in names})
    assert refusal(bundle) == sentence


def test_inputs_keep_their_bits(bundle: Path) -> None:
    (name, tensor), *others = golden_inputs(bundle / "golden.safetensors").items()
    assert (name, others) == ("input.x", [])
    assert np.asarray(tensor).tobytes() == np.ones(3).tobytes()


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], "predict.py wrote no tensor into outputs.safetensors"),
        (["scores"], "predict.py wrote the tensor 'scores' into outputs.safetensors"),
        (["output.a", "input.x"], "predict.py wrote the tensor 'input.x' into outputs.safetensors"),
    ],
)
def test_outputs_of_other_names_are_refused(names: list[str], sentence: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "outputs.safetensors", {name: np.ones(1) for name in names})
    with pytest.raises(StepFailed) as caught:
        check_outputs("predict.py", path)
    assert caught.value.sentence == sentence


def test_outputs_that_are_missing_or_no_safetensors_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "outputs.safetensors"
    with pytest.raises(StepFailed, match="wrote no outputs"):
        check_outputs("predict.py", path)
    path.write_bytes(b"pickle")
    with pytest.raises(StepFailed, match="which is not safetensors: "):
        check_outputs("predict.py", path)
