"""Trainings in chunks, built by real Nix: the bits of one piece, and only what must be is built again."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.integration.chained import contents
from tests.integration.chunked import TRAIN, add_chunked
from tests.integration.conftest import Repository, fresh
from tests.integration.small import edit
from tests.integration.torchbox import NIX, build, nix, nix_environment

# At least a chunk for every kind of end: whole shares, unequal ones, one step each, and all in one.
CUTS = {1: 1, 2: 2, 5: 5, 23: 23, "{ steps = 9; total = 23; }": 3}


def chunks_of(repository: Repository, name: str) -> list[str]:
    """Returns the derivations of a model's chunks."""
    apply = "m: map (chunk: chunk.drvPath) m.chunks"
    done = nix("eval", "--json", f"{repository.root}#{name}", "--apply", apply)
    found: list[str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("chunks", CUTS)
def test_chain_gives_the_bits_of_one_piece(chunks: str | int, repository: Repository) -> None:
    add_chunked(repository, "whole", None)
    add_chunked(repository, "cut", chunks)
    assert len(chunks_of(repository, "cut")) == CUTS[chunks]
    train = build("cut.train", repository.root)
    assert contents(train) == contents(build("whole.train", repository.root))
    assert len((train / "losses.txt").read_text().splitlines()) == 23
    assert sorted(path.name for path in train.iterdir()) == ["losses.txt", "model.safetensors", "trace"]


def test_each_chunk_is_a_store_path_of_its_own(repository: Repository) -> None:
    add_chunked(repository, "cut", 3)
    for number in (1, 2, 3):
        out = build(f"cut.train-{number}", repository.root)
        assert out.name.endswith(f"-cut-1.0.0-train-{number}")
        assert (out / "checkpoint" / "state.json").is_file() == (number < 3)
        assert nix("path-info", "--recursive", str(out)).stdout.split() == [str(out)]


def test_longer_training_leaves_the_full_chunks_before_as_they_are(repository: Repository) -> None:
    folder = add_chunked(repository, "cut", "{ steps = 9; total = 23; }", total=None)
    before = chunks_of(repository, "cut")
    edit(folder / "model.nix", "total = 23", "total = 40")
    after = chunks_of(repository, "cut")
    assert (len(before), len(after)) == (3, 5)
    assert after[:2] == before[:2]
    assert after[2] != before[2]
    assert len((build("cut.train", repository.root) / "losses.txt").read_text().splitlines()) == 40


def test_other_steps_and_other_models_know_nothing_of_the_chunks(repository: Repository) -> None:
    folder = add_chunked(repository, "cut", 3)
    prepare = nix("eval", "--raw", f"{repository.root}#cut.prepare.drvPath").stdout
    edit(folder / "model.nix", "chunks = 3", "chunks = 4")
    assert nix("eval", "--raw", f"{repository.root}#cut.prepare.drvPath").stdout == prepare


# The third chunk waits for a while before it ends.
WAITS = TRAIN.replace("TOTAL", "12").replace(
    "    chunks.save(step)\n",
    "    print('now', step, flush=True)\n    __import__('time').sleep(8 * (step == 9))\n    chunks.save(step)\n",
)


def test_build_that_was_killed_resumes_at_the_last_finished_chunk(
    repository: Repository, tmp_path: Path
) -> None:
    add_chunked(repository, "cut", 4, train_py=WAITS, params_yaml=fresh(tmp_path))
    command = [*NIX, "build", "--no-link", "--print-build-logs", f"{repository.root}#cut.train"]
    with subprocess.Popen(
        command, env=nix_environment(), stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as building:
        assert building.stderr is not None
        assert any("now 9" in line for line in building.stderr)  # in the third chunk
        os.killpg(building.pid, signal.SIGKILL)
    again = nix("build", "--no-link", "--dry-run", f"{repository.root}#cut.train")
    planned = {line.strip().split("-", 1)[-1] for line in again.stderr.splitlines() if ".drv" in line}
    assert planned == {"cut-1.0.0-train-3.drv", "cut-1.0.0-train-4.drv", "cut-1.0.0-train.drv"}
    assert len((build("cut.train", repository.root) / "losses.txt").read_text().splitlines()) == 12


WRONG = {
    "0": "the chunks of cut cannot be read; write `chunks = 8;`",
    '"8"': "the chunks of cut cannot be read",
    "{ steps = 9; }": "the chunks of cut cannot be read",
    "{ steps = 9; total = 0; }": "the chunks of cut cannot be read",
    "10000": "is cut into 10000 chunks; at most are 9999",
    "3; parts = 2": "must be a list of files, or { files = [ … ]; chunks = …; }",
}


@pytest.mark.parametrize("chunks", WRONG)
def test_chunks_that_cannot_be_read_fail_with_the_way_to_write_them(
    chunks: str, repository: Repository
) -> None:
    add_chunked(repository, "cut", chunks)
    done = nix("eval", "--raw", f"{repository.root}#cut.drvPath", check=False)
    assert done.returncode != 0
    assert WRONG[chunks] in done.stderr


def test_script_that_saves_nothing_fails_with_the_lines_to_add(repository: Repository) -> None:
    add_chunked(
        repository, "cut", 2, train_py=TRAIN.replace("TOTAL", "23").replace("    chunks.save(step)\n", "")
    )
    done = repository.verifier("check", "cut")
    assert done.code == 2
    assert "step train-1 of cut: train.py ended after step 0" in done.err
    assert "chunks.save(step)" in done.err
