"""Scripts that cannot be cut into chunks are refused, with what to add; files of a script are carried on."""

from dataclasses import replace
from pathlib import Path

import pytest

from builder.runtime.failure import StepFailed
from tests.unit.chunks import SCRIPT, Trainings, as_in_a_build, contents, shares

FIRST: dict[str, object] = {"number": 1, "of": 2}
LOAD = "chunks.load(12, weights=weights, state=state, noise=noise)"


@pytest.fixture
def trainings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trainings:
    as_in_a_build(monkeypatch)
    return Trainings(folder=tmp_path)


def changed(*pairs: tuple[str, str]) -> str:
    script = SCRIPT
    for old, new in pairs:
        assert old in script
        script = script.replace(old, new)
    return script


WRONG = {
    "no call": (((LOAD, "range(1, 13)"), ("    chunks.save(step)\n", "")), "does not call chunks.load"),
    "no load": (((LOAD, "range(1, 13)"),), "does not call chunks.load"),
    "no save": (
        (("    chunks.save(step)\n", ""),),
        "ended after step 0, as chunks.save counts, and its chunk goes to 6",
    ),
    "another order": (
        (("chunks.save(step)", "chunks.save(step + 1)"),),
        "calls chunks.save(2), and due is step 1",
    ),
    "a step left out": (
        (("chunks.save(step)", "step % 2 or chunks.save(step)"),),
        "calls chunks.save(2), and due is step 1",
    ),
    "an early end": (
        ((" chunks.save(step)\n", " chunks.save(step)\n    if step == 3: break\n"),),
        "ended after step 3",
    ),
    "no total": (((LOAD, LOAD.replace("12, ", "")),), "calls chunks.load without the number of steps"),
    "no whole number": (((LOAD, LOAD.replace("12", "1.5")),), "calls chunks.load with 1.5 steps"),
    "too few steps": (((LOAD, LOAD.replace("12", "1")),), "has 1 steps, and model.nix cuts it into 2 chunks"),
    "twice": (((LOAD, f"{LOAD}; {LOAD}"),), "calls chunks.load twice"),
    "an unknown object": (
        ((LOAD, LOAD.replace("noise=noise", "noise=iter([])")),),
        "'noise', a list_iterator, whose state",
    ),
    "a list": (
        ((LOAD, LOAD.replace("noise=noise", "noise=[]")),),
        "gives chunks.load 'noise', a list, whose state",
    ),
    "a set": (
        (('"seen": ()', '"seen": set()'), ('(*state["seen"], step)', "set()")),
        "cannot have state.seen in a checkpoint: it is a set",
    ),
    "objects": (
        (('"seen": ()', '"seen": [object()]'), ('(*state["seen"], step)', "[print]")),
        "cannot have state.seen.0 in a checkpoint",
    ),
    "text arrays": ((('(*state["seen"], step)', 'np.array(["a"])'),), "it is a numpy.ndarray of <U1"),
    "itself": ((('(*state["seen"], step)', "[state]"),), "it is nested too deeply, or in itself"),
    "its own checkpoint": (
        (("noise = ", "(paths.output() / 'checkpoint').mkdir()\nnoise = "),),
        "has 'checkpoint' of its own",
    ),
    "a pickle": (
        (("noise = ", "import pickle; (paths.output() / 'p').write_bytes(pickle.dumps([1, 2]))\nnoise = "),),
        "p is a pickle",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_script_that_cannot_be_cut_is_refused(what: str, trainings: Trainings) -> None:
    pairs, sentence = WRONG[what]
    failure = replace(trainings, script=changed(*pairs)).refused(FIRST)
    assert sentence in failure.sentence
    assert failure.advice


def test_refusal_shows_the_lines_to_add(trainings: Trainings) -> None:
    failure = replace(trainings, script=changed((LOAD, "range(1, 13)"))).refused(FIRST)
    for line in ("from builder.runtime import chunks", "steps = chunks.load(total, ", "chunks.save(step)"):
        assert line in failure.advice


def test_script_is_refused_at_its_first_step_and_not_after_hours(trainings: Trainings) -> None:
    script = changed((LOAD, "range(1, 13)"), ("    chunks.save(step)\n", ""))
    replace(trainings, script=script).refused(FIRST)
    (output,) = trainings.folder.glob("*/output")
    assert len((output / "trace" / "steps.jsonl").read_text().splitlines()) <= 1
    assert not (output / "losses.txt").exists()


def test_script_without_a_trace_is_refused_at_its_end(trainings: Trainings) -> None:
    assert "does not call chunks.load" in replace(trainings, script="print()\n").refused(FIRST).sentence


def second(trainings: Trainings, *pairs: tuple[str, str]) -> StepFailed:
    """Returns why the second chunk of a script failed that does something else there than in the first."""
    script = changed(*pairs).replace("AGAIN", "'SAMEBITS_INPUT_BEFORE' in __import__('os').environ")
    cut = replace(trainings, script=script)
    return cut.refused({"number": 2, "of": 2}, cut.piece(FIRST))


def test_objects_must_be_the_same_in_every_chunk(trainings: Trainings) -> None:
    more = LOAD.replace("noise=noise", "noise=noise, **({'m': {}} if AGAIN else {})")
    assert (
        "gives chunks.load weights, state, noise, m, and the chunk before gave"
        in second(trainings, (LOAD, more)).sentence
    )


def test_objects_must_be_of_the_same_kind(trainings: Trainings) -> None:
    other = LOAD.replace("noise=noise", "noise={} if AGAIN else noise")
    assert (
        "as 'noise' a dict, and the chunk before gave a numpy.Generator"
        in second(trainings, (LOAD, other)).sentence
    )


FORGETFUL = """
class Forgetful:
    value = 0
    def state_dict(self):
        return {"value": self.value}
    def load_state_dict(self, state):
        self.value = 1
"""


def test_object_that_does_not_take_back_its_state_is_refused(trainings: Trainings) -> None:
    pairs = (
        ("weights = {", f"{FORGETFUL}\nweights = {{"),
        (LOAD, LOAD.replace("noise=noise", "noise=Forgetful()")),
        ("noise.", "np.random."),
    )
    failure = second(trainings, *pairs)
    assert "cannot be cut into chunks: noise" in failure.sentence
    assert "does not come back as it was" in failure.sentence


def test_script_that_counts_from_one_in_every_chunk_is_refused(trainings: Trainings) -> None:
    script = changed(("for step in steps", "for step in range(1, 13)"))
    cut = replace(trainings, script=script)
    assert (
        "calls chunks.save(1), and due is step 7"
        in cut.refused({"number": 2, "of": 2}, cut.piece(FIRST)).sentence
    )


def test_total_must_be_that_of_model_nix(trainings: Trainings) -> None:
    cut = replace(trainings, script=changed((LOAD, LOAD.replace("12", "11"))))
    first: dict[str, object] = {"number": 1, "from": 1, "to": 5, "last": False}
    last: dict[str, object] = {"number": 2, "from": 6, "to": 12, "last": True}
    sentence = "calls chunks.load with 11 steps, and by model.nix the training ends "
    assert f"{sentence}after step 11" in cut.refused({**first, "to": 11}).sentence
    assert f"{sentence}at step 12" in cut.refused(last, cut.piece(first)).sentence


def test_one_piece_wants_one_total(trainings: Trainings) -> None:
    without = replace(trainings, script=changed((LOAD, LOAD.replace("12, ", ""))))
    with pytest.raises(StepFailed, match="without the number of steps"):
        without.piece(None)
    with pytest.raises(StepFailed, match=r"with 12 steps, and model.nix says 13"):
        replace(trainings, total=13).piece(None)


FILES = """
(paths.output() / "folder" / "deep").mkdir(parents=True, exist_ok=True)
held = (paths.output() / "folder" / "held.txt").open("a")
"""


def test_files_of_the_chunks_before_are_there_again_and_open_ones_are_written_out(
    trainings: Trainings,
) -> None:
    begin = ("for step in steps", f"{FILES}\nfor step in steps")
    script = changed(begin, ("    chunks.save", "    held.write(f'{step}\\n')\n    chunks.save"))
    cut = replace(trainings, script=script)
    outputs = cut.chain(shares(3))
    assert (outputs[0] / "folder" / "held.txt").read_text() == "1\n2\n3\n4\n"
    assert contents(cut.joined(outputs)) == contents(cut.piece(None))
    assert (outputs[2] / "folder" / "deep").is_dir()


def test_modes_and_links_are_carried_on(trainings: Trainings) -> None:
    lines = "(paths.output() / 'run').write_text('x'); (paths.output() / 'run').chmod(0o755)\n"
    lines += "(paths.output() / 'link').exists() or (paths.output() / 'link').symlink_to('run')\n"
    cut = replace(trainings, script=changed(("noise = ", f"{lines}noise = ")))
    last = cut.chain(shares(2))[-1]
    assert (last / "run").stat().st_mode & 0o111
    assert (last / "link").is_symlink() and Path(last / "link").readlink() == Path("run")


def test_rest_skips_what_was_done_and_nobody_counts_it(trainings: Trainings) -> None:
    loop = "def batches():\n    own = np.random.default_rng(3)\n    while True:\n"
    loop += "        yield own.normal(size=(4, 3)), np.random.random()\n"
    loop += "for step, (drawn, _) in chunks.rest(steps, batches())"
    script = changed(
        ("for step in steps", loop),
        ("batch = noise", "batch = drawn.astype(np.float32) + noise"),
    )
    cut = replace(trainings, script=script)
    assert contents(cut.joined(cut.chain(shares(3)))) == contents(cut.piece(None))
