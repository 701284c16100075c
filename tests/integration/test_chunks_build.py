"""Trainings in chunks, built by real Nix: the bits of one piece, and only what must be is built again."""

from pathlib import Path

import pytest

from tests.integration.chained import contents
from tests.integration.chunked import add_chunked
from tests.integration.conftest import Repository
from tests.integration.torchbox import build

# At least a chunk for every kind of end: whole shares, unequal ones, one step each, and all in one.
CUTS = {1: 1, 2: 2, 5: 5, 23: 23, "{ steps = 9; total = 23; }": 3}


@pytest.mark.parametrize("chunks", CUTS)
def test_chain_gives_the_bits_of_one_piece(chunks: str | int, repository: Repository) -> None:
    add_chunked(repository, "whole", None)
    add_chunked(repository, "cut", chunks)
    train = build("cut.train", repository.root)
    assert contents(train) == contents(build("whole.train", repository.root))
    assert len((train / "losses.txt").read_text().splitlines()) == 23
    assert sorted(path.name for path in train.iterdir()) == ["losses.txt", "model.safetensors", "trace"]


def test_checkpoints_are_there(repository: Repository, tmp_path: Path) -> None:
    add_chunked(repository, "cut", 2)
    assert (build("cut.train-1", repository.root) / "checkpoint" / "state.json").is_file()
    print((build("cut.train-1", repository.root) / "checkpoint" / "state.json").read_text()[-2500:])
