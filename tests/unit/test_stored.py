"""What a check wrote is read again as it was; of older, newer and half-written files each says what it is."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plans import make_row, make_verdict
from verifier.errors import BadInput
from verifier.explain.findings import Cause, Explanation, Fact, Finding
from verifier.explain.pictured import DECADES, Parting, TensorDifference
from verifier.report.document import run_document
from verifier.report.run import Run, Trouble, Unaffected
from verifier.report.stored import present, read_runs, run_of
from verifier.report.target import document_text
from verifier.verdict import Explained, Kept, Origin, Place, Status, Times, Verdict

FINDING = Finding(
    path="w.npy",
    place="[3]",
    sentence="1.0 and 2.0",
    facts=frozenset({Fact.VALUES}),
    step="train",
    training_step=7,
)
EXPLAINED = Explained(
    subject="train",
    explanation=Explanation(
        findings=(FINDING,), left_out=2, cause=Cause(sentence="chance", evidence="dice", remedy="Seed them.")
    ),
    replayed=("step 4",),
    tensors=(
        TensorDifference(
            path="w.npy",
            tensor="w",
            elements=9,
            differing=1,
            largest=0.5,
            histogram=(0,) * (DECADES - 1) + (1,),
        ),
    ),
    partings=(Parting(path="trace", quantity="loss", step=3, first=((1, 0.5),), second=((1, 0.25),)),),
)
VERDICT = make_verdict(
    make_row(
        Status.FAILED, differences=("w.npy: differs",), place=Place(file="models/tiny/train.py", line=4)
    ),
    kept=(
        Kept(subject="train", first="/a", second="/b"),
        Kept(subject="train", first="/a", second="/c", steps=3),
    ),
    explained=(EXPLAINED,),
    origin=Origin(
        derivation="/nix/store/x.drv",
        flake="git+file:///x",
        revision="0" * 40,
        first=Times(started="2026-11-26T01:02:03Z", finished="2026-11-26T01:02:04Z", nix="2.8.0"),
    ),
    owner="maintainers",
    escalation="call us",
    metrics={"accuracy": 0.98},
    resources={"first": {"train": {"wall_seconds": 1.5, "device": "cpu"}}, "second": {}},
)
RUN = Run(
    time="2026-11-26T01:02:03Z",
    verdicts=(VERDICT,),
    troubles=(
        Trouble(
            model="other",
            sentence="no",
            advice="Look.",
            exit_code=2,
            place=Place(file="models/other/params.yaml", line=2),
        ),
    ),
    unaffected=(Unaffected(model="third", why="the same derivation"),),
    since="0" * 40,
    why=(("tiny", "train: train.py changed"),),
)
VERSION_1 = {
    "schema": "samebits/verdicts/v1",
    "exit_code": 1,
    "verdicts": [
        {
            **{
                "model": "tiny",
                "version": "1.0.0",
                "verified": False,
                "bundle": None,
                "path": "/nix/store/x",
            },
            **{"surroundings": "", "kept": [], "origin": None, "level": "bitwise", "unchanged": None},
            "explained": [
                {"subject": "train", "replayed": [], "findings": [], "left_out": 0, "probable_cause": None}
            ],
            "resources": {"first": {}, "second": {}},
            "rows": [
                {
                    **{
                        "check": "rebuild",
                        "subject": "train",
                        "status": "failed",
                        "detail": "differs in 1 place",
                    },
                    **{"first": "built here", "second": "built here", "inherited": False, "warned": False},
                    **{
                        "first_sha256": None,
                        "second_sha256": None,
                        "reason": None,
                        "differences": ["a: differs"],
                    },
                }
            ],
        }
    ],
    "errors": [{"model": "other", "sentence": "no", "advice": "Look.", "exit_code": 2}],
}


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "check.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_runs(written(tmp_path, document_text(run_document(RUN)))) == [RUN]


@given(st.text(), st.text(), st.text(max_size=9))
def test_any_text_survives(model: str, detail: str, subject: str) -> None:
    run = replace(
        RUN, verdicts=(replace(VERDICT, model=model, rows=(make_row(detail=detail, subject=subject),)),)
    )
    assert run_of(present(json.loads(document_text(run_document(run))), "x")) == run


def test_older_format_is_read(tmp_path: Path) -> None:
    (run,) = read_runs(written(tmp_path, json.dumps(VERSION_1)))
    assert (run.time, run.exit_code, run.verdicts[0].owner) == ("", 1, "")
    assert run.verdicts[0].rows[0].differences == ("a: differs",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (document_text(run_document(RUN))[:-40], "cannot be read as JSON"),
        ('{"schema": "samebits/verdicts/v3"}', "was written by a newer Samebits"),
        ('{"schema": "samebits/verdicts/v10"}', "was written by a newer Samebits"),
        ('{"schema": "samebits/release/v1"}', "is not what `verifier check --json` writes"),
        ("[]", "is not what `verifier check --json` writes"),
        ('"text"', "is not what `verifier check --json` writes"),
        (b"\xff", "cannot be read as JSON"),
        ("", "cannot be read as JSON"),
        (json.dumps({**VERSION_1, "verdicts": 3}), "3 is not of type 'array'"),
        (json.dumps({**VERSION_1, "verdicts": [{"rows": 3}]}), "is a required property"),
        (json.dumps({**run_document(RUN), "time": None}), "None is not of type 'string'"),
    ],
)
def test_other_file_says_what_it_is(tmp_path: Path, text: str | bytes, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(BadInput, match=str(path)) as error:
        read_runs(path)
    assert said in error.value.sentence


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        read_runs(tmp_path / "no.json")
    with pytest.raises(BadInput, match="no plain file"):
        read_runs(tmp_path)


def test_fact_that_this_verifier_does_not_know_is_left_out() -> None:
    document = json.loads(document_text(run_document(RUN)))
    document["verdicts"][0]["explained"][0]["findings"][0]["facts"].append("sunspots")
    assert run_of(document).verdicts[0].explained[0].explanation.findings[0].facts == {Fact.VALUES}


def test_verdict_without_rows_stays_unverified(tmp_path: Path) -> None:
    run = Run(time="", verdicts=(replace(VERDICT, rows=()),))
    (again,) = read_runs(written(tmp_path, document_text(run_document(run))))
    assert isinstance(again.verdicts[0], Verdict) and not again.verdicts[0].verified
