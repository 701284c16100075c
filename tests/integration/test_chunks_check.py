"""`verifier check` of a model whose training is in chunks: each is rebuilt and named, a variation is one piece."""

import json
from pathlib import Path

import pytest

from tests.integration.chunked import TRAIN, add_chunked
from tests.integration.conftest import Repository, fresh

CONTRACT = """metrics:
  - { name: sum, tolerance: exact }
resources:
  train:
    peak_memory_bytes: { warn: 2, fail: 4 }
"""


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))


def check(repository: Repository, folder: Path, *more: str) -> dict[str, object]:
    done = repository.verifier("check", "cut", "--json", str(folder / "v.json"), *more)
    verdict: dict[str, object] = json.loads((folder / "v.json").read_text())["verdicts"][0]
    return {**verdict, "code": done.code, "said": done.out + done.err}


def test_every_chunk_is_rebuilt_and_the_variation_shows_that_they_join_to_one_piece(
    repository: Repository, tmp_path: Path
) -> None:
    add_chunked(repository, "cut", 3, params_yaml=fresh(tmp_path), contract_yaml=CONTRACT)
    verdict = check(repository, tmp_path, "--vary", "output-path,hash-seed")
    assert verdict["code"] == 0, verdict["said"]
    rows = {row["subject"]: row for row in verdict["rows"] if row["check"] == "rebuild"}  # type: ignore[attr-defined]
    for chunk in ("train-1", "train-2", "train-3", "train"):
        assert (rows[chunk]["status"], rows[chunk]["second"]) == ("passed", "built here")
    varied = [row["status"] for row in verdict["rows"] if row["check"] == "variation"]  # type: ignore[attr-defined]
    assert varied == ["passed", "passed"]
    used = verdict["resources"]["first"]  # type: ignore[index]
    parts = [used[f"train-{number}"]["cpu_seconds"] for number in (1, 2, 3)]
    assert used["train"]["cpu_seconds"] == pytest.approx(sum(parts))
    assert used["train"]["peak_memory_bytes"] == max(
        used[f"train-{n}"]["peak_memory_bytes"] for n in (1, 2, 3)
    )
    assert used["train"]["threads"] >= 1


def test_chunk_that_does_not_repeat_is_named_and_those_after_it_inherit(
    repository: Repository, tmp_path: Path
) -> None:
    by_clock = "    weights['w'][0] += np.float32(__import__('time').time_ns() % 1000 if step == 12 else 0)\n"
    script = TRAIN.replace("TOTAL", "23").replace("    loss = ", f"{by_clock}    loss = ")
    add_chunked(repository, "cut", 4, train_py=script, params_yaml=fresh(tmp_path))
    verdict = check(repository, tmp_path)
    assert verdict["code"] == 1, verdict["said"]
    rows = {row["subject"]: row for row in verdict["rows"] if row["check"] == "rebuild"}  # type: ignore[attr-defined]
    assert [rows[f"train-{n}"]["status"] for n in (1, 2, 3, 4)] == ["passed", "passed", "failed", "failed"]
    assert [rows[f"train-{n}"]["inherited"] for n in (3, 4)] == [False, True]
    assert "train-3" in str(verdict["said"])


def test_script_that_forgets_a_part_of_its_state_is_caught_by_the_variation(
    repository: Repository, tmp_path: Path
) -> None:
    """Two builds of a chain that forgets the same agree; one piece does not."""
    script = TRAIN.replace("TOTAL", "23").replace("moments=moments, ", "")
    add_chunked(repository, "cut", 3, train_py=script, params_yaml=fresh(tmp_path))
    verdict = check(repository, tmp_path, "--vary", "output-path")
    assert verdict["code"] == 1, verdict["said"]
    (row,) = [row for row in verdict["rows"] if row["check"] == "variation"]  # type: ignore[attr-defined]
    assert row["status"] == "failed"
