"""Statements and what is said in them: files, materials, results; the attacks on them are in tests/attacks."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.bundles import METRICS, list_files, write_bundle
from verifier.signing import oms, results
from verifier.signing.contents import read_contents
from verifier.signing.materials import materials, refuse_other_materials
from verifier.signing.provenance import built_here
from verifier.signing.reasons import LONGEST, Reason, Refused, shown
from verifier.signing.statement import Statement, parse_statement, statement_bytes
from verifier.signing.tree import File

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=8,
)
DOCUMENTS = {
    "toolchain": {"sources": [{"url": "u", "file": "f", "sha256": "1"}]},
    "data": {"sources": [{"url": "t", "file": "g", "sha256": "2"}]},
}
FLAKE = {"name": "flake", "uri": "git+https://example.org/models"}
STEPS = ("prepare", "train", "evaluate", "package")


@given(TEXT, TEXT, TEXT, st.dictionaries(TEXT, JSON))
def test_statement_that_is_written_is_read(name: str, sha256: str, kind: str, predicate: dict) -> None:
    statement = Statement(name=name, sha256=sha256, predicate_type=kind, predicate=predicate)
    assert parse_statement(statement_bytes(statement)) == statement


@given(JSON)
def test_any_json_is_a_statement_or_refused(value: object) -> None:
    with pytest.raises(Refused):
        parse_statement(json.dumps(value).encode())


@given(st.fixed_dictionaries({"_type": JSON, "subject": JSON, "predicateType": JSON, "predicate": JSON}))
def test_any_member_of_a_statement_is_refused(value: object) -> None:
    with pytest.raises(Refused):
        parse_statement(json.dumps(value).encode())


def test_root_is_of_the_files_folder_by_folder() -> None:
    """As model_signing orders them: a/b before a.txt, which plain text has the other way round."""
    files = {
        name: File(size=1, sha256=hashlib.sha256(name.encode()).digest()) for name in ("a.txt", "a/b", "b")
    }
    raw = b"".join(files[name].sha256 for name in ("a/b", "a.txt", "b"))
    assert oms.root_digest(files) == hashlib.sha256(raw).hexdigest()
    oms.refuse_other_files(oms.oms_statement("x", files), files)


@given(st.dictionaries(st.sampled_from(["serialization", "resources", "x"]), JSON))
def test_any_predicate_is_refused_as_a_list_of_files(predicate: dict) -> None:
    statement = Statement(name="x", sha256="0", predicate_type=oms.PREDICATE_TYPE, predicate=predicate)
    with pytest.raises(Refused):
        oms.refuse_other_files(statement, {})


@given(
    st.fixed_dictionaries(
        {
            "method": st.just("files"),
            "hash_type": st.just("sha256"),
            "ignore_paths": st.lists(JSON, min_size=1),
        }
    )
)
def test_any_ignored_path_is_refused(serialization: dict) -> None:
    predicate = {"serialization": serialization, "resources": []}
    statement = Statement(name="x", sha256="0", predicate_type=oms.PREDICATE_TYPE, predicate=predicate)
    with pytest.raises(Refused) as refused:
        oms.refuse_other_files(statement, {})
    assert refused.value.reason is Reason.IGNORED_PATHS


def test_one_uri_with_two_digests_is_two_materials() -> None:
    """What a name leads to may change between the lock of the toolchain and that of the data."""
    other = {"url": "u", "file": "f", "sha256": "3"}
    documents = {**DOCUMENTS, "data": {"sources": [other]}}
    both = materials(documents)
    assert [one["digest"]["sha256"] for one in both] == ["1", "3"]
    refuse_other_materials(both, documents)
    for lacking in (both[:1], both[1:]):
        with pytest.raises(Refused):
            refuse_other_materials(lacking, documents)


def test_own_materials_beside_one_flake_are_accepted() -> None:
    own = materials(DOCUMENTS)
    assert [one["uri"] for one in own] == ["t", "u"]
    refuse_other_materials([FLAKE, *own], DOCUMENTS)
    refuse_other_materials(own, DOCUMENTS)


@pytest.mark.parametrize(
    "change",
    [
        lambda own: own[1:],
        lambda own: [*own, {"uri": "x", "digest": {"sha256": "3"}}],
        lambda own: [{**own[0], "digest": {"sha256": "2", "md5": "4"}}, *own[1:]],
        lambda own: [{**own[0], "digest": None}, *own[1:]],
        lambda own: [*own, None],
        lambda own: [FLAKE, FLAKE, *own],
        lambda _: {},
        lambda _: None,
    ],
)
def test_other_materials_are_refused(change) -> None:
    with pytest.raises(Refused) as refused:
        refuse_other_materials(change(materials(DOCUMENTS)), DOCUMENTS)
    assert refused.value.reason is Reason.WRONG_MATERIALS


@given(JSON)
def test_any_json_is_refused_as_materials(value: object) -> None:
    with pytest.raises(Refused):
        refuse_other_materials(value, DOCUMENTS)


def verdict(**changed: object) -> dict[str, object]:
    rows = [
        {"check": "rebuild", "subject": step, "status": "passed", "first": "built here"} for step in STEPS
    ]
    return {"rows": rows, "origin": {"first": {}}} | changed


def test_build_is_seen_where_all_its_steps_were_built() -> None:
    rows = verdict()["rows"]
    assert built_here(verdict(), "first")
    for other in (
        {"rows": rows[1:]},
        {"rows": [{**rows[0], "first": "already present"}, *rows[1:]]},
        {"rows": [{**rows[0], "status": "failed"}, *rows[1:]]},
        {"origin": None},
        {"origin": {"first": None}},
    ):
        assert not built_here(verdict(**other), "first")


def test_whoever_only_joined_the_chunks_of_others_has_not_built_the_training() -> None:
    rows = verdict()["rows"]
    chunk = {**next(row for row in rows if row["subject"] == "train"), "subject": "train-1"}  # type: ignore[attr-defined]
    assert built_here(verdict(rows=[*rows, chunk]), "first")  # type: ignore[misc]
    assert not built_here(verdict(rows=[*rows, {**chunk, "first": "from a cache"}]), "first")  # type: ignore[misc]


@pytest.mark.parametrize("said", [True, 1.0])
def test_metric_of_another_type_is_another_metric(said: object, tmp_path: Path) -> None:
    """In Python, true and 1.0 are 1."""
    write_bundle(tmp_path / "tiny")
    (tmp_path / "tiny" / "metrics.json").write_text(json.dumps({**METRICS, "scalars": {"accuracy": 1}}))
    list_files(tmp_path / "tiny")
    contents = read_contents(tmp_path / "tiny")
    statement = results.evaluation(contents)
    assert results.judge_result(statement, contents)[0] == results.EVALUATION
    changed = parse_statement(statement_bytes(statement))
    changed.predicate["configuration"][0]["annotations"]["scalars"]["accuracy"] = said
    with pytest.raises(Refused) as refused:
        results.judge_result(changed, contents)
    assert refused.value.reason is Reason.CONTENTS_DIFFER


def test_what_is_said_is_cut_to_a_line() -> None:
    assert len(shown("x" * 10**6)) < LONGEST
    assert shown([["x"]]) == "(a list)"
    assert len(Refused(Reason.LINK, "x" * 10**6).sentence) == LONGEST + 1
