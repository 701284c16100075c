"""Each row that wants a look points at a line of the model's own files."""

from pathlib import Path

import pytest

from tests.unit.plans import make_row
from verifier.errors import BadInput
from verifier.rebuild.concerns import Files, place_of, place_of_error
from verifier.verdict import Place

MODEL = """# A model.
{ mkModel, toolchains, sources }:
mkModel {
  name = "tiny";
  version = "1.0.0";
  toolchain = toolchains.numpy;
  data.digits = sources.digits;
  prepare = [ "prepare.py" ];
}
"""
CONTRACT = """owner: maintainers
tier: low
approvers: [alice]
escalation: ring
intended_use: tests
metrics:
  - name: accuracy
    direction: higher
    tolerance: { absolute: 0.1 }
    reason: noise
  - name: recall
    slice: classes/*
    direction: higher
    tolerance: { absolute: 0.1 }
    reason: noise
resources:
  train:
    wall_seconds: { warn: 2, fail: 5 }
    cpu_seconds: { warn: 2, fail: 5 }
"""
TRAIN = """import numpy as np
from builder.runtime import paths, tensors

tensors.save(paths.output() / "model.safetensors", {})
"""


@pytest.fixture
def files(tmp_path: Path) -> Files:
    texts = {
        "model.nix": MODEL,
        "contract.yaml": CONTRACT,
        "train.py": TRAIN,
        "network.py": 'X = "other.txt"\n',
    }
    for name, text in {**texts, "params.yaml": "seed: 1\nhyperparameters:\n  batch_size: 3\n"}.items():
        (tmp_path / name).write_text(text)
    return Files(folder=tmp_path, name="models/tiny", seen={"train": ("train.py", "network.py")})


@pytest.mark.parametrize(
    ("check", "subject", "differences", "place"),
    [
        ("rebuild", "train", ("model.safetensors: differs",), "train.py:4"),
        ("rebuild", "train", ("other.txt: differs",), "network.py:1"),
        ("rebuild", "train", ("unnamed.txt: differs",), "train.py:1"),
        ("rebuild", "prepare", ("a: differs",), "model.nix:8"),
        ("rebuild", "toolchain", ("a: differs",), "model.nix:6"),
        ("rebuild", "package", ("a: differs",), "model.nix:3"),
        ("rebuilder", "train on host", ("model.safetensors: differs",), "train.py:4"),
        ("variation", "umask", ("train/model.safetensors: differs",), "train.py:4"),
        ("replay", "9 steps", (), "train.py:1"),
        ("metric", "accuracy", (), "contract.yaml:7"),
        ("metric", "recall of classes/3", (), "contract.yaml:11"),
        ("metric", "never heard of", (), "contract.yaml:6"),
        ("resource", "train, CPU time", (), "contract.yaml:19"),
        ("resource", "train, device", (), "params.yaml:1"),
        ("resource", "train, batch size", (), "params.yaml:3"),
        ("release", "1.0.0", (), "model.nix:5"),
        ("data", "3 stages", (), "model.nix:7"),
        ("sources", "9 files", (), "model.nix:6"),
        ("bundle", "9 files", (), "model.nix:3"),
    ],
)
def test_row_points_at_a_line(
    files: Files, check: str, subject: str, differences: tuple[str, ...], place: str
) -> None:
    found = place_of(make_row(check=check, subject=subject, differences=differences), files)
    assert f"{found.file}:{found.line}" == f"models/tiny/{place}"


def test_model_whose_files_are_gone_still_has_a_place(tmp_path: Path) -> None:
    empty = Files(folder=tmp_path / "none", name="models/tiny", seen={})
    for check in ("rebuild", "metric", "resource", "release"):
        assert place_of(make_row(check=check, subject="train, device"), empty).line == 1


@pytest.mark.parametrize(
    ("sentence", "place"),
    [
        (
            "models/tiny/contract.yaml, line 7: unknown key 'x'",
            Place(file="models/tiny/contract.yaml", line=7),
        ),
        ("models/tiny/params.yaml: it is no mapping", Place(file="models/tiny/params.yaml", line=1)),
        ("step train of tiny: ValueError: no", Place(file="models/tiny/train.py", line=1)),
        ("the flake does not evaluate", None),
        ("step toolchain of tiny failed", None),
    ],
)
def test_error_points_at_the_file_that_it_names(files: Files, sentence: str, place: Place | None) -> None:
    assert place_of_error(BadInput(sentence, advice="Mend it."), files) == place
