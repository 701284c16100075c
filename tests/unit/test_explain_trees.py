"""Whole trees: every difference is explained, from cause to effect, and what is left out is counted."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.traces import write_trace
from verifier.errors import BadInput
from verifier.explain.findings import Explanation, Fact
from verifier.explain.trees import MOST_EXAMINED, explain_trees

Files = dict[str, bytes]
PARTS: Files = {
    "manifest.json": b'{"files": 1}',
    "toolchain.json": b'{"a": 1}',
    "params.yaml": b"seed: 1\n",
    "data.json": b'{"sources": 1}',
    "code/train.py": b"1\n",
    "weights/model.bin": b"\0",
    "training/log.txt": b"a\n",
    "evaluation/samples.txt": b"a\n",
    "metrics.json": b'{"a": 1}',
    "model-card.md": b"a\n",
    "other": b"a\n",
}
CHANGED = {
    name: content.replace(b"1", b"2").replace(b"a\n", b"b\n").replace(b"\0", b"\1")
    for name, content in PARTS.items()
}


def write_tree(folder: Path, files: Files) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def between(folder: Path, first: Files, second: Files, limit: int = 20) -> Explanation:
    trees = write_tree(folder / "first", first), write_tree(folder / "second", second)
    return explain_trees(*trees, limit=limit)


def paths(explanation: Explanation) -> list[str]:
    return [finding.path for finding in explanation.findings]


def test_equal_trees_have_nothing_to_explain(tmp_path: Path) -> None:
    assert between(tmp_path, PARTS, PARTS) == Explanation(findings=(), left_out=0, cause=None)


def test_parts_of_a_bundle_come_from_cause_to_effect(tmp_path: Path) -> None:
    assert paths(between(tmp_path, PARTS, CHANGED)) == [
        "toolchain.json",
        "params.yaml",
        "code/train.py",
        "data.json",
        "weights/model.bin",
        "training/log.txt",
        "evaluation/samples.txt",
        "metrics.json",
        "other",
        "model-card.md",
        "manifest.json",
    ]


def test_step_that_writes_a_part_is_named(tmp_path: Path) -> None:
    steps = {finding.path: finding.step for finding in between(tmp_path, PARTS, CHANGED).findings}
    assert steps["weights/model.bin"] == "train"
    assert steps["metrics.json"] == "evaluate"
    assert steps["manifest.json"] == "package"
    assert steps["code/train.py"] == steps["other"] == ""


@pytest.mark.parametrize("name", ["toolchain.json", "params.yaml", "code/train.py", "data.json"])
def test_other_input_is_the_cause_of_other_weights(name: str, tmp_path: Path) -> None:
    changed = {**PARTS, name: CHANGED[name], "weights/model.bin": b"\1"}
    cause = between(tmp_path, PARTS, changed).cause
    assert cause is not None
    assert cause.evidence.startswith(name)


def test_other_form_of_the_data_record_is_no_other_data(tmp_path: Path) -> None:
    changed = {**PARTS, "data.json": b'{"sources": 1, "lineage": []}'}
    assert between(tmp_path, PARTS, changed).cause is None


def test_list_of_files_in_the_manifest_is_one_consequence(tmp_path: Path) -> None:
    manifests = [b'{"files": [{"size": %d}, {"size": %d}], "name": "x"}' % (n, n) for n in (1, 2)]
    (finding,) = between(tmp_path, {"manifest.json": manifests[0]}, {"manifest.json": manifests[1]}).findings
    assert (finding.place, finding.facts) == ("$.files", frozenset())


def test_byte_code_in_one_only_is_known(tmp_path: Path) -> None:
    cause = between(tmp_path, {"a/x": b""}, {"a/x": b"", "a/__pycache__/x.pyc": b""}).cause
    assert cause is not None
    assert "byte code" in cause.sentence


def test_trace_comes_before_the_weights_and_names_the_step(tmp_path: Path) -> None:
    trees = [write_tree(tmp_path / name, {"a.bin": name.encode() + b"\0"}) for name in ("first", "second")]
    write_trace(trees[0] / "trace", 20)
    write_trace(trees[1] / "trace", 20, changed=7, quantity="batch")
    explanation = explain_trees(*trees)
    # That decisions.json holds the digest of the steps is no finding of its own.
    assert paths(explanation) == ["trace/steps.jsonl", "a.bin"]
    assert explanation.findings[0].training_step == 7
    assert explanation.cause is not None
    assert "the loader" in explanation.cause.sentence


def test_tensors_that_part_before_the_steps_come_first(tmp_path: Path) -> None:
    first = write_trace(tmp_path / "first", 20)
    second = write_trace(tmp_path / "second", 20, changed=7, tensor=2.0)
    explanation = explain_trees(first, second)
    assert paths(explanation)[:2] == ["tensors.jsonl", "steps.jsonl"]
    assert explanation.cause is not None
    assert explanation.cause.sentence.startswith("the update")


def test_seed_that_differs_comes_before_the_initial_weights(tmp_path: Path) -> None:
    traces = [write_trace(tmp_path / name, 9) for name in ("first", "second")]
    for number, trace in enumerate(traces):
        decisions = json.loads((trace / "decisions.json").read_text())
        decisions["decisions"].append({"what": "seed", "after_step": 0, "value": {"seed": number}})
        (trace / "decisions.json").write_text(json.dumps(decisions))
    tensors = traces[1] / "tensors.jsonl"
    tensors.write_bytes(tensors.read_bytes().replace(b'"sha256":"3', b'"sha256":"4', 1))
    explanation = explain_trees(*traces)
    assert paths(explanation) == ["decisions.json", "tensors.jsonl"]
    assert Fact.SEEDS_AGREE not in explanation.findings[1].facts
    assert explanation.cause is not None
    assert explanation.cause.sentence == "the seeds differ"


def test_initial_weights_under_one_seed_are_the_initialisation(tmp_path: Path) -> None:
    traces = [write_trace(tmp_path / name, 9) for name in ("first", "second")]
    for trace in traces:
        text = (trace / "decisions.json").read_text()
        (trace / "decisions.json").write_text(text.replace('"optimiser"', '"seed"'))
    tensors = traces[1] / "tensors.jsonl"
    tensors.write_bytes(tensors.read_bytes().replace(b'"sha256":"3', b'"sha256":"4', 1))
    cause = explain_trees(*traces).cause
    assert cause is not None
    assert "although the seeds agree" in cause.sentence


def test_bundle_and_other_folder_are_said_to_be_that(tmp_path: Path) -> None:
    first, *_ = between(tmp_path, PARTS, {"other": b"a\n"}).findings
    assert first.sentence == "the first alone is a bundle; they are compared file by file"


def test_limit_counts_what_it_leaves_out(tmp_path: Path) -> None:
    files = {f"{number:03}": b"1" for number in range(50)}
    explanation = between(tmp_path, files, dict.fromkeys(files, b"2"), limit=3)
    assert paths(explanation) == ["000", "001", "002"]
    assert explanation.left_out == 47


def test_files_beyond_the_most_are_counted_unread(tmp_path: Path) -> None:
    files = {f"{number:04}": b"1" for number in range(MOST_EXAMINED + 50)}
    explanation = between(tmp_path, files, dict.fromkeys(files, b"2"), limit=1)
    assert explanation.left_out == MOST_EXAMINED + 49


def test_findings_in_one_file_are_counted_too(tmp_path: Path) -> None:
    documents = [json.dumps(list(range(start, start + 9000))).encode() for start in (0, 1)]
    explanation = between(tmp_path, {"x.json": documents[0]}, {"x.json": documents[1]}, limit=2)
    assert (len(explanation.findings), explanation.left_out) == (2, 8998)


def test_missing_extra_and_executable_are_findings(tmp_path: Path) -> None:
    trees = (
        write_tree(tmp_path / "first", {"a": b"", "x": b""}),
        write_tree(tmp_path / "second", {"b": b"", "x": b""}),
    )
    (trees[0] / "x").chmod(0o755)
    found = {finding.path: (finding.sentence, finding.facts) for finding in explain_trees(*trees).findings}
    assert found == {
        "a": ("missing from the second", {Fact.PRESENCE}),
        "b": ("extra in the second", {Fact.PRESENCE}),
        "x": ("executable in the first only", {Fact.MODE}),
    }


def test_file_is_known_by_its_own_name_where_it_is_all(tmp_path: Path) -> None:
    for side, value in (("first", b"1"), ("second", b"2")):
        write_tree(tmp_path / side, {"x.json": b'{"a": %s}' % value})
    (finding,) = explain_trees(tmp_path / "first" / "x.json", tmp_path / "second" / "x.json").findings
    assert (finding.path, finding.place) == (".", "$.a")


@pytest.mark.parametrize("swap", [False, True])
def test_missing_tree_is_bad_input(swap: bool, tmp_path: Path) -> None:
    trees = (tmp_path / "none", tmp_path) if swap else (tmp_path, tmp_path / "none")
    with pytest.raises(BadInput, match="none does not exist"):
        explain_trees(*trees)


def test_fifo_is_never_opened(tmp_path: Path) -> None:
    trees = write_tree(tmp_path / "first", {"x": b"a"}), write_tree(tmp_path / "second", {})
    os.mkfifo(trees[1] / "x")
    (finding,) = explain_trees(*trees).findings
    assert finding.sentence == "a file in the first, a special file in the second"


def test_fifo_in_the_place_of_the_decisions_is_never_opened(tmp_path: Path) -> None:
    first, second = write_trace(tmp_path / "first", 9), write_trace(tmp_path / "second", 9, tensor=2.0)
    (second / "decisions.json").unlink()
    os.mkfifo(second / "decisions.json")
    assert "tensors.jsonl" in paths(explain_trees(first, second))


def test_fifo_in_both_is_bad_input(tmp_path: Path) -> None:
    trees = write_tree(tmp_path / "first", {}), write_tree(tmp_path / "second", {})
    for tree in trees:
        os.mkfifo(tree / "x")
    with pytest.raises(BadInput, match="neither file, folder nor link"):
        explain_trees(*trees)


NAMES = st.sampled_from(
    ["a.json", "b.safetensors", "c.npy", "d.zip", "e.tar", "f.yaml", "g.pkl", "steps.jsonl"]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trees")


@given(NAMES, st.binary(max_size=40), st.binary(max_size=40))
def test_files_have_a_finding_exactly_where_their_bytes_differ(
    folder: Path, name: str, first: bytes, second: bytes
) -> None:
    for side, content in (("first", first), ("second", second)):
        write_tree(folder / side, {name: content})
    found = explain_trees(folder / "first" / name, folder / "second" / name)
    assert bool(found.findings) == (first != second)
