"""Chunks that do not follow from one another do not join: a spliced chain, a hole, a trace that was altered."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.runtime.failure import StepFailed
from tests.unit.chunks import Trainings, as_in_a_build, contents, flip, rewrite, shares


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The outputs of three chunks."""
    with pytest.MonkeyPatch.context() as patch:
        as_in_a_build(patch)
        return Trainings(folder=tmp_path_factory.mktemp("made")).chain(shares(3))


@pytest.fixture
def chain(made: list[Path], tmp_path: Path) -> list[Path]:
    """Copies of them, for one test to spoil."""
    return [Path(shutil.copytree(one, tmp_path / f"piece{i}")) for i, one in enumerate(made, start=1)]


def nudged(chain: list[Path]) -> None:
    """The weights of a checkpoint are moved, and the state says so; the chunks after it know another."""
    state = chain[0] / "checkpoint" / "state.json"
    document = json.loads(state.read_text())
    rewrite(chain[0], lambda state: state["tensors"].update(sha256=document["tensors"]["sha256"][::-1]))  # type: ignore[attr-defined]


SPLICED: dict[str, tuple[Callable[[list[Path]], object], str]] = {
    "another first chunk": (
        nudged,
        "chunk 2 does not follow from the chunk before it: its checkpoint names another",
    ),
    "a hole": (lambda c: c.pop(1), "in the trace of chunk 2, step 5 does not follow"),
    "no first chunk": (lambda c: c.pop(0), "chunk 1 does not follow from the chunk before it"),
    "two in the wrong order": (
        lambda c: c.insert(0, c.pop(1)),
        "chunk 1 does not follow from the chunk before it",
    ),
    "no checkpoint": (lambda c: shutil.rmtree(c[1] / "checkpoint"), "there is no checkpoint/state.json"),
    "no trace": (lambda c: shutil.rmtree(c[1] / "trace"), "No such file or directory"),
    "an altered step": (
        lambda c: edit_line(c[1], '"loss":', '"lose":'),
        "in the trace of chunk 2, step 5 does not follow",
    ),
    "a step less": (lambda c: drop_line(c[2]), "the decisions of the last chunk are of another trace"),
    "other decisions": (
        lambda c: shutil.copy(c[0] / "trace" / "decisions.json", c[2] / "trace"),
        "of another trace",
    ),
    "no weights": (lambda c: (c[2] / "model.safetensors").unlink(), "train wrote no weights"),
}


def edit_line(output: Path, old: str, new: str) -> None:
    path = output / "trace" / "steps.jsonl"
    path.write_text(path.read_text().replace(old, new, 1))


def drop_line(output: Path) -> None:
    path = output / "trace" / "steps.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


@pytest.mark.parametrize("what", SPLICED)
def test_chunks_that_do_not_follow_do_not_join(what: str, chain: list[Path], tmp_path: Path) -> None:
    spoil, sentence = SPLICED[what]
    spoil(chain)
    with pytest.raises(StepFailed) as caught:
        Trainings(folder=tmp_path).joined(chain)
    assert sentence in caught.value.sentence


def test_chunks_join_to_files_without_a_checkpoint(chain: list[Path], tmp_path: Path) -> None:
    found = contents(Trainings(folder=tmp_path).joined(chain))
    assert not any(name.startswith("checkpoint") for name in found)
    assert len(found["trace/steps.jsonl"].splitlines()) == 12
    assert found["losses.txt"] == (chain[-1] / "losses.txt").read_bytes()


def test_weights_that_were_altered_join_for_only_a_rebuild_can_tell(
    chain: list[Path], tmp_path: Path
) -> None:
    flip(chain[2] / "model.safetensors")
    assert contents(Trainings(folder=tmp_path).joined(chain))["model.safetensors"]
