"""A model that does not repeat, and a contract that allows it: how close two real builds have to be."""

import json
from pathlib import Path

import pytest

from tests.integration.conftest import Repository
from tests.integration.small import CONTRACT, add_small, edit, failure

# Chance of the size of a ten thousandth, as a GPU of another kind might give.
NOISE = """
import os
noise = int.from_bytes(os.urandom(4), "little") / 2**32 * 1e-4
weights["mean"] = weights["mean"] * np.float32(1 + noise)
tensors.save("""
EQUALITY = """equality:
  predictions: {{ absolute: {absolute}, agreement: 1 }}
  reason: chance of a ten thousandth, for a test
"""


@pytest.fixture
def noisy(repository: Repository) -> Path:
    """The folder of a model that trains by chance; its contract does not allow that yet."""
    folder = add_small(repository)
    edit(folder / "train.py", "\ntensors.save(", NOISE)
    return folder


def allow(folder: Path, absolute: str) -> None:
    (folder / "contract.yaml").write_text(CONTRACT + EQUALITY.format(absolute=absolute))


def test_close_builds_are_verified_within_tolerance_and_it_says_so(
    noisy: Path, repository: Repository, tmp_path: Path
) -> None:
    allow(noisy, "0.1")
    done = repository.verifier("check", "small", "--json", str(tmp_path / "v.json"))
    assert done.code == 0, done.out + done.err
    assert done.out.startswith("verified within tolerance  small 1.0.0: ")
    verdict = json.loads((tmp_path / "v.json").read_text())["verdicts"][0]
    assert verdict["level"] == "within tolerance"
    train = next(row for row in verdict["rows"] if row["subject"] == "train")
    assert (train["status"], train["warned"]) == ("passed", True)
    assert not list((tmp_path / "state" / "samebits" / "rebuilds").glob("*"))


def test_builds_that_are_too_far_apart_fail(noisy: Path, repository: Repository) -> None:
    allow(noisy, "1.0e-12")
    done = repository.verifier("check", "small")
    assert "rebuild train" in failure(done)
    assert "prediction" in done.out
    assert "FAILED" in done.out


def test_without_leave_a_model_that_does_not_repeat_fails(noisy: Path, repository: Repository) -> None:
    assert "rebuild train" in failure(repository.verifier("check", "small"))


def test_data_may_not_differ_whatever_the_contract_allows(noisy: Path, repository: Repository) -> None:
    allow(noisy, "0.1")
    edit(
        noisy / "prepare.py",
        "tensors.save(",
        "import os\n(paths.output() / 'x').write_bytes(os.urandom(4))\ntensors.save(",
    )
    assert "rebuild prepare" in failure(repository.verifier("check", "small"))


def test_a_release_within_tolerance_stays_within_tolerance(noisy: Path, repository: Repository) -> None:
    allow(noisy, "0.1")
    released = repository.verifier("release", "small")
    assert released.code == 0, released.out + released.err
    document = json.loads((noisy / "releases" / "1.0.0.json").read_text())
    assert document["level"] == "within tolerance"
    again = repository.verifier("check", "small")
    assert again.code == 0, again.out + again.err
    # The first build is still in the store; the second has other bits again.
    assert "as released on" in again.out
    assert "verified within tolerance" in again.out
