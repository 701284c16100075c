"""Where two traces part, by step and quantity; what is damaged is said in a sentence."""

from pathlib import Path

import pytest

from tests.unit.traces import write_trace
from verifier import cli
from verifier.compare import compare_trees
from verifier.errors import BadInput
from verifier.trace import prefix_differences

QUANTITIES = {
    "batch": "batch",
    "loss": "loss",
    "learning_rate": "learning rate",
    "gradient_norm": "gradient norm",
}


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    return write_trace(tmp_path / "first", 20)


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("step", [1, 7, 20])
def test_step_and_quantity_are_named(quantity: str, step: int, trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20, changed=step, quantity=quantity)
    (line,) = [line for line in compare_trees(trace, other) if line.startswith("steps.jsonl")]
    assert line.startswith(f"steps.jsonl: step {step}: the {QUANTITIES[quantity]} is ")
    (named, *_) = prefix_differences(trace, other, 20)
    assert named == line


def test_prefix_before_the_parting_is_equal(trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20, changed=7)
    assert prefix_differences(trace, other, 6) == []
    assert prefix_differences(trace, other, 7) != []


def test_longer_trace_has_the_same_beginning(trace: Path) -> None:
    assert prefix_differences(trace, write_trace(trace.parent / "second", 33), 20) == []


def test_tensor_that_differs_first_is_named(trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20, tensor=2.0)
    assert prefix_differences(trace, other, 3) == [
        "tensors.jsonl: step 1: the tensor 'w' is the first that differs"
    ]


def test_decision_that_differs_is_named(trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20)
    path = other / "decisions.json"
    path.write_text(path.read_text().replace("SGD", "Adam"))
    assert prefix_differences(trace, other, 3) == ["decisions.json: the decision 'optimiser' is another"]


@pytest.mark.parametrize("place", ["trace", "training/trace"])
def test_trace_is_found_in_an_output_and_in_a_bundle(place: str, trace: Path) -> None:
    folder = trace.parent / "bundle"
    (folder / place).parent.mkdir(parents=True)
    write_trace(folder / place, 20)
    assert prefix_differences(trace, folder, 20) == []


def test_shorter_trace_than_asked_for_is_said(trace: Path) -> None:
    with pytest.raises(BadInput, match="has 20 steps, asked for are 21"):
        prefix_differences(trace, trace, 21)


def test_folder_without_a_trace_is_said(trace: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no trace"):
        prefix_differences(trace, tmp_path / "nothing", 1)


ODD = b'{"decisions": [{"after_step": 0, "what": [], "value": {}}]}'
DAMAGE = {
    "decisions.json": [
        b"",
        b"{",
        b"[]",
        b'{"decisions": 1}',
        b'{"decisions": [{}]}',
        b"\xff",
        b"null",
        ODD,
    ],
    "tensors.jsonl": [b"x\n", b"[]\n", b'{"step": "1"}\n', b"\xff\n", b'{"step": null}\n'],
}
CASES = [(file, content) for file, contents in DAMAGE.items() for content in contents]


@pytest.mark.parametrize(("file", "content"), CASES)
def test_damaged_file_is_named(file: str, content: bytes, trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20)
    (other / file).write_bytes(content)
    with pytest.raises(BadInput, match=file):
        prefix_differences(trace, other, 3)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"x" * 10_000, b"{}\n" * 20, b"[1]\n" * 20, b"\xff\xfe\n" * 20]
)
def test_damaged_steps_are_a_difference_or_a_sentence(content: bytes, trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20)
    (other / "steps.jsonl").write_bytes(content)
    assert [line for line in compare_trees(trace, other) if line.startswith("steps.jsonl: ")]
    try:
        assert prefix_differences(trace, other, 3)
    except BadInput as error:
        assert "0 steps" in error.sentence


@pytest.mark.parametrize("file", ["decisions.json", "tensors.jsonl"])
def test_missing_file_is_named(file: str, trace: Path) -> None:
    other = write_trace(trace.parent / "second", 20)
    (other / file).unlink()
    with pytest.raises(BadInput, match=file):
        prefix_differences(trace, other, 3)


def test_command_says_how_far_it_looked(trace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = write_trace(trace.parent / "second", 20, changed=7)
    assert cli.main(["compare", "--steps", "6", str(trace), str(other)]) == 0
    assert "the same to the last bit in the first 6 training steps" in capsys.readouterr().out
    assert cli.main(["compare", "--steps", "7", str(trace), str(other)]) == 1
    assert "steps.jsonl: step 7: the loss is" in capsys.readouterr().out
    assert cli.main(["compare", "--steps", "0", str(trace), str(other)]) == 2


def test_command_follows_the_link_that_nix_leaves(trace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    link = trace.parent / "result"
    link.symlink_to(trace)
    assert cli.main(["compare", str(link), str(trace)]) == 0
    assert "equal" in capsys.readouterr().out


def test_million_steps_are_compared_by_their_place(trace: Path) -> None:
    """Only the one line is parsed: all others here are copies of the first."""
    first, count, changed = (
        (trace / "steps.jsonl").read_bytes().splitlines(keepends=True)[0],
        1_000_000,
        876_543,
    )
    numbered = first.replace(b'"step":         1', b'"step":%10d' % changed)
    files = [trace.parent / name / "steps.jsonl" for name in ("long", "other")]
    for file, line in zip(files, (numbered, numbered.replace(b"1.00", b"2.00", 1)), strict=True):
        file.parent.mkdir()
        file.write_bytes(first * (changed - 1) + line + first * (count - changed))
    found = compare_trees(*files)
    assert found == [f".: step {changed}: the loss is 1.0 in the first, 2.0 in the second"]


@pytest.mark.parametrize("step", ["true", "-3", "1.5", '"1"', "1" + "0" * 30, "null"])
def test_note_of_no_real_step_is_damage(tmp_path: Path, step: str) -> None:
    trace = write_trace(tmp_path / "trace", 8)
    notes = trace / "tensors.jsonl"
    notes.write_text(f'{{"name":"w","step":{step}}}\n' + notes.read_text())
    with pytest.raises(BadInput, match="damaged"):
        prefix_differences(trace, trace, 4)


def test_notes_that_go_back_in_time_are_damage(tmp_path: Path) -> None:
    """Else a step far ahead would hide those behind it."""
    trace = write_trace(tmp_path / "trace", 8)
    with (trace / "tensors.jsonl").open("a") as file:
        file.write('{"name":"w","step":1}\n')
    with pytest.raises(BadInput, match="damaged"):
        prefix_differences(trace, trace, 8)
