"""What was shown by sample is never called verified, in any report; and what was rebuilt piece by piece is."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.plans import make_row, make_verdict
from verifier.report.alerts import alerts_on
from verifier.report.document import run_document
from verifier.report.headline import headline
from verifier.report.html.state import State, state_of, state_of_verdict
from verifier.report.markdown import summary_markdown
from verifier.report.matrix import matrix
from verifier.report.run import Run
from verifier.report.run_text import run_text
from verifier.report.stored import read_runs
from verifier.report.terminal import verdict_text
from verifier.schemas import OWN, mismatch
from verifier.site.records import Outcome
from verifier.verdict import BY_SAMPLE, Sample, Status, Verdict

SAMPLE = Sample(manifest_sha256="ab" * 32, nonce="cd" * 16, fresh=True, chunks=(2, 7), of=8)


def chunk(number: int, status: Status = Status.PASSED, **more):
    return make_row(status, subject=f"train-{number}", first="claimed", second="rebuilt here", **more)


NOTHING_USED = {"first": {}, "second": {}}
SAMPLED = make_verdict(chunk(2), chunk(7), level=BY_SAMPLE, sample=SAMPLE, resources=NOTHING_USED)


def run(*verdicts: Verdict) -> Run:
    return Run(time="2026-12-01T09:30:00Z", verdicts=verdicts)


def test_verdict_by_sample_passed_and_is_not_verified() -> None:
    assert SAMPLED.passed and not SAMPLED.verified
    assert SAMPLED.exit_code == 0
    failed = replace(SAMPLED, rows=(chunk(2, Status.FAILED),))
    assert failed.exit_code == 1
    assert replace(SAMPLED, rows=(chunk(2, Status.NOT_CHECKED),)).exit_code == 3


def test_text_says_what_was_shown_and_what_was_drawn() -> None:
    lines = verdict_text(SAMPLED).splitlines()
    assert lines[0] == (
        "verified by sample  tiny 1.0.0: 2 of 8 chunks rebuilt; a claim with one false chunk passes with "
        "probability 0.75"
    )
    assert f"drawn     chunks 2, 7 by the nonce {'cd' * 16}, and the manifest {'ab' * 32}" in lines
    given = replace(SAMPLED, sample=replace(SAMPLE, fresh=False))
    assert f"by the nonce {'cd' * 16}, which was given, and" in verdict_text(given)


@pytest.mark.parametrize("others", [(), (make_verdict(make_row()),)])
def test_no_report_calls_it_verified(others: tuple[Verdict, ...]) -> None:
    both = run(SAMPLED, *others)
    assert headline(both).word == "verified by sample"
    assert run_text(both).splitlines()[0].startswith("verified by sample  ")
    assert summary_markdown(both).startswith("## verified by sample")
    assert next(line for line in matrix(both).lines).result in ("verified by sample", "verified")
    assert {line.result for line in matrix(both).lines} >= {"verified by sample"}


def test_headline_of_several_says_how_many_are_by_sample() -> None:
    assert headline(run(SAMPLED, make_verdict(make_row()))).text == "2 models, 1 of them by sample"


def test_document_says_that_it_is_not_verified_and_is_read_again(tmp_path: Path) -> None:
    document = run_document(run(SAMPLED))
    path = tmp_path / "v.json"
    path.write_text(json.dumps(document))
    (verdict,) = json.loads(path.read_text())["verdicts"]
    assert (verdict["verified"], verdict["level"]) == (False, "by sample")
    assert verdict["sample"] == {
        "manifest_sha256": "ab" * 32,
        "nonce": "cd" * 16,
        "fresh": True,
        "chunks": [2, 7],
        "of": 8,
    }
    assert mismatch(json.loads(path.read_text()), OWN / "verdicts.schema.json") is None
    (found,) = read_runs(path)
    assert found.verdicts[0].sample == SAMPLE


def test_document_without_a_sample_is_read_too(tmp_path: Path) -> None:
    document = json.loads(json.dumps(run_document(run(make_verdict(make_row(), resources=NOTHING_USED)))))
    del document["verdicts"][0]["sample"]
    path = tmp_path / "v.json"
    path.write_text(json.dumps(document))
    assert read_runs(path)[0].verdicts[0].sample is None


def test_site_has_a_word_of_its_own_for_it() -> None:
    assert state_of_verdict(SAMPLED) is State.SAMPLED
    assert state_of_verdict(replace(SAMPLED, rows=(chunk(2, Status.FAILED),))) is State.FAILED
    recorded = Outcome(
        time="",
        version="1.0.0",
        verified=False,
        level=BY_SAMPLE,
        identifier=None,
        not_passed=(),
        source="ledger",
    )
    assert state_of(recorded) is State.SAMPLED
    assert state_of(replace(recorded, not_passed=("rebuild train-2",))) is State.NOT_VERIFIED


def test_claim_rebuilt_whole_is_verified_and_its_chunks_are_one_line() -> None:
    whole = make_verdict(*(chunk(number) for number in range(1, 9)))
    text = verdict_text(whole)
    assert text.startswith(
        "verified  tiny 1.0.0: all 8 chunks of the claim rebuilt, each from the claimed one before, "
        "equal to the last bit"
    )
    assert "8 chunks" in text and "train-3" not in text


def test_alert_names_the_chunk_its_step_and_the_command() -> None:
    failed = chunk(7, Status.FAILED, differences=("checkpoint/tensors.safetensors: differs",))
    (alert,) = alerts_on(make_verdict(chunk(2), failed))
    assert (alert.step, alert.artefact) == ("train-7", "train-7/checkpoint/tensors.safetensors")
    assert alert.rerun == "verifier check tiny --parallel"
    (alert,) = alerts_on(replace(SAMPLED, rows=(failed,)))
    assert alert.rerun == f"verifier check tiny --sample 2 --seed {'cd' * 16}"
    splice = make_row(Status.FAILED, check="chain", subject="train-3", detail="a spliced chain")
    (alert,) = alerts_on(make_verdict(splice))
    assert (alert.step, alert.rerun) == ("train-3", "verifier check tiny --parallel")
