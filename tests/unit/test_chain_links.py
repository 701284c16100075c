"""Claimed checkpoints that do not hang together are seen without building; nothing in them is believed."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.chained import chained_plan
from verifier.chain.links import Broken, link_faults, read_checkpoint
from verifier.chain.pieces import pieces_of

PIECES = pieces_of(chained_plan())
TRAINING = {"model": "tiny"}


class Folders:
    """Claims that lie in folders."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, name: str) -> Path:
        return self.root / name


def write(output: Path, previous: str | None, chain: str = "0" * 32, **other: object) -> str:
    """Writes a checkpoint and returns its digest."""
    folder = output / "checkpoint"
    folder.mkdir(parents=True)
    (folder / "tensors.safetensors").write_bytes(b"tensors")
    document = {
        "schema": "samebits/checkpoint/v1",
        "training": TRAINING,
        "previous": previous,
        "tensors": {"bytes": 7, "sha256": hashlib.sha256(b"tensors").hexdigest()},
        "trace": {"chain": chain},
        **other,
    }
    content = json.dumps(document).encode()
    (folder / "state.json").write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def trace(output: Path, chain: str) -> None:
    """Writes the trace of a last chunk that goes on from `chain`."""
    body = '"step":         1,"loss":"x"'
    end = hashlib.sha256(f"{chain}{body}".encode()).hexdigest()[:32]
    (output / "trace").mkdir(parents=True)
    (output / "trace" / "steps.jsonl").write_text(f'{{{body},"chain":"{end}"}}\n')


def faults(root: Path, *there: str) -> dict[str, str]:
    known = set(there or ("train-1", "train-2", "train-3"))
    return link_faults(PIECES, Folders(root), known)  # type: ignore[arg-type]


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    first = write(tmp_path / "train-1", None)
    write(tmp_path / "train-2", first, chain="1" * 32)
    trace(tmp_path / "train-3", "1" * 32)
    return tmp_path


def test_chain_in_order_has_no_faults(chain: Path) -> None:
    assert faults(chain) == {}


def test_checkpoint_that_names_another_before_is_a_splice(tmp_path: Path) -> None:
    write(tmp_path / "train-1", None)
    write(tmp_path / "train-2", "f" * 64)
    found = faults(tmp_path, "train-1", "train-2")
    assert list(found) == ["train-2"]
    assert found["train-2"].startswith("a spliced chain: it goes on from the checkpoint ffffffffffff, and")


def test_first_that_goes_on_from_something_is_a_splice(tmp_path: Path) -> None:
    write(tmp_path / "train-1", "f" * 64)
    assert "it is the first" in faults(tmp_path, "train-1")["train-1"]


def test_checkpoint_of_another_training_is_a_splice(tmp_path: Path) -> None:
    first = write(tmp_path / "train-1", None)
    write(tmp_path / "train-2", first, training={"model": "other"})
    assert "of another training than train-1" in faults(tmp_path, "train-1", "train-2")["train-2"]


def test_last_chunk_whose_trace_begins_elsewhere_is_a_splice(chain: Path) -> None:
    path = chain / "train-3" / "trace" / "steps.jsonl"
    path.write_text(path.read_text().replace('"x"', '"y"'))
    assert "its trace does not go on from that of the claimed train-2" in faults(chain)["train-3"]


def test_last_chunk_without_the_trace_that_it_should_have_is_broken(chain: Path) -> None:
    (chain / "train-3" / "trace" / "steps.jsonl").unlink()
    assert faults(chain) == {"train-3": "its trace cannot be read"}


def test_training_without_a_trace_shows_nothing_of_its_last_chunk(tmp_path: Path) -> None:
    write(tmp_path / "train-1", None, trace=None)
    write(tmp_path / "train-2", None, trace=None)
    (tmp_path / "train-3").mkdir()
    assert list(faults(tmp_path)) == ["train-2"]


def test_link_to_a_chunk_that_lacks_is_not_judged(tmp_path: Path) -> None:
    write(tmp_path / "train-2", "f" * 64)
    assert faults(tmp_path, "train-2") == {}


def test_truncated_and_altered_tensors_are_named(chain: Path) -> None:
    path = chain / "train-1" / "checkpoint" / "tensors.safetensors"
    path.write_bytes(b"tensor")
    assert faults(chain)["train-1"].endswith("tensors.safetensors has 6 bytes, and state.json says 7")
    path.write_bytes(b"tensorS")
    assert "another sha256" in faults(chain)["train-1"]
    path.unlink()
    assert "lacks tensors.safetensors" in faults(chain)["train-1"]


@pytest.mark.parametrize("name", ["state.json", "tensors.safetensors"])
def test_links_and_pipes_in_place_of_files_are_not_followed(name: str, chain: Path) -> None:
    path = chain / "train-1" / "checkpoint" / name
    path.unlink()
    path.symlink_to("/dev/zero")
    assert "no plain file" in faults(chain)["train-1"]
    path.unlink()
    os.mkfifo(path)
    assert "no plain file" in faults(chain)["train-1"]


@given(st.binary(max_size=200) | st.sampled_from([b"[" * 100_000, b'{"schema": 1}', b"null", b"[]"]))
def test_any_other_state_is_broken(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("state") / "checkpoint"
    folder.mkdir()
    (folder / "state.json").write_bytes(content)
    with pytest.raises(Broken):
        read_checkpoint(folder.parent)
