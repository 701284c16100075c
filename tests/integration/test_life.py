"""The life of an artefact, as `verifier check` has it: real bundles, sound ones and broken ones."""

import json
from pathlib import Path

import pytest

from tests.integration.conftest import Repository, new_repository
from tests.integration.small import add_small, edit, failure


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository with the model `small`, which several tests check in other ways."""
    repository = new_repository(tmp_path_factory.mktemp("built") / "repository")
    add_small(repository)
    return repository


def test_every_row_of_the_life_of_an_artefact_is_there(built: Repository, tmp_path: Path) -> None:
    done = built.verifier("check", "small", "--json", str(tmp_path / "v.json"))
    assert done.code == 0, done.out + done.err
    rows = json.loads((tmp_path / "v.json").read_text())["verdicts"][0]["rows"]
    wanted = {"times", "licences", "data", "serialisation", "inference", "replay", "metric", "resource"}
    assert wanted <= {row["check"] for row in rows}
    replay = next(row for row in rows if row["check"] == "replay")
    assert replay["subject"].startswith("12 steps, ")


HALF = "batch = values[: size // 2]"
BATCH = "batch = values[step * size : (step + 1) * size]"


@pytest.mark.parametrize(
    ("file", "old", "new", "check", "sentence"),
    [
        ("predict.py", "x - mean", "x + mean", "inference", "tensor 'output.y': "),
        ("predict.py", "x - mean", "(x - mean)[:3]", "inference", "golden is F32 [4, 1]"),
        ("predict.py", "output.y", "output.z", "inference", "tensor 'output.y' is not given"),
        ("predict.py", '"inputs.safe', '"golden.safe', "inference", "predict.py failed"),
        ("train.py", BATCH, HALF, "resource", "fewer than batch_size: 50"),
    ],
)
def test_a_broken_artefact_fails_by_name(
    repository: Repository, file: str, old: str, new: str, check: str, sentence: str
) -> None:
    edit(add_small(repository) / file, old, new)
    done = repository.verifier("check", "small")
    assert f"NOT VERIFIED  small 1.0.0: {check} " in failure(done), done.out
    assert sentence in failure(done)
