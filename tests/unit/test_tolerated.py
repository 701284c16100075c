"""Two builds that differ: where a contract allows it, where it does not, and what the verdict is then called."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.unit.bundles import METRICS, write_bundle
from tests.unit.contracts import declared
from tests.unit.lives import Tensors, write_tensors
from tests.unit.plans import make_row, make_verdict
from verifier.contract.terms import Closeness, Contract
from verifier.errors import BadInput
from verifier.rebuild.tolerated import tolerate
from verifier.rebuild.two_builds import Second
from verifier.report.document import run_document
from verifier.report.run import Run
from verifier.report.terminal import verdict_text
from verifier.signing import results
from verifier.signing.contents import read_contents
from verifier.verdict import BITWISE, WITHIN_TOLERANCE, Origin, Row, Status, Verdict

CLOSENESS = Closeness(absolute=0.001, agreement=0.75, reason="cuBLAS of two GPU kinds")
CONTRACT = Contract(metrics=(declared(amount=0.01),), closeness=CLOSENESS)
SCORES = np.array([[1, 0], [0, 1], [0.5, 0]], np.float32)
STEPS = ("toolchain", "prepare", "train", "evaluate", "package")
ALLOWED = ("train", "evaluate", "package")


def golden(change: float = 0.0) -> Tensors:
    return {"input.x": np.arange(3), "output.scores": SCORES + np.float32(change)}


def evaluated(folder: Path, accuracy: object = 0.5, answers: Tensors | None = None) -> Path:
    """Returns an output of `evaluate`."""
    write_tensors(folder / "golden.safetensors", answers or golden())
    metrics = {**METRICS, "scalars": {"accuracy": accuracy}}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    return folder


def differing(steps: tuple[str, ...] = ALLOWED, **fields: object) -> Second:
    """Returns two builds that differ in these steps, of which the first differs of itself."""
    rows = []
    for step in STEPS:
        other = step in steps
        rows.append(
            make_row(
                Status.FAILED if other else Status.PASSED,
                subject=step,
                detail=("differs, inherited" if rows and step != steps[0] else "differs in 1 place")
                if other
                else "equal",
                inherited=other and step != steps[0],
                second="built here",
                first_sha256="a" * 64,
                second_sha256=("b" if other else "a") * 64,
                differences=("model.safetensors: differs",) if step == steps[0] else (),
            )
        )
    return Second(**{"rows": tuple(rows), "surroundings": "", "resources": {}, **fields})  # type: ignore[arg-type]


def two_answers(folder: Path, **second: object) -> tuple[Path, Path]:
    return evaluated(folder / "first"), evaluated(folder / "second", **second)  # type: ignore[arg-type]


def stays_failed(second: Second, contract: Contract | None = CONTRACT) -> list[Row]:
    """Returns the rows that were added where nothing is allowed."""
    found, level = tolerate(second, contract)
    assert level == BITWISE
    assert found.rows[: len(second.rows)] == second.rows
    return list(found.rows[len(second.rows) :])


def test_close_builds_are_within_tolerance(tmp_path: Path) -> None:
    second = differing(answers=two_answers(tmp_path, accuracy=0.495, answers=golden(0.0005)))
    found, level = tolerate(second, CONTRACT)
    assert level == WITHIN_TOLERANCE
    assert [row.status for row in found.rows] == [Status.PASSED] * 7
    assert [row.subject for row in found.rows if row.warned] == list(ALLOWED)
    by_subject = {row.subject: row for row in found.rows}
    assert by_subject["train"].detail == "differs in 1 place: the contract allows it"
    assert by_subject["train"].differences == ()
    assert "apart by 0.000" in by_subject["golden.safetensors"].detail
    metrics = by_subject["metrics of the second build"]
    assert (metrics.check, metrics.detail) == ("prediction", "1 within what is tolerated of the first's")


def test_weights_that_differ_behind_equal_answers_are_within_tolerance() -> None:
    found, level = tolerate(differing(("train", "package")), CONTRACT)
    assert level == WITHIN_TOLERANCE
    last = found.rows[-1]
    assert (last.check, last.subject, last.status) == ("prediction", "golden outputs", Status.PASSED)
    assert last.detail == "golden outputs and metrics are equal to the last bit"


def test_equal_builds_are_bitwise_whatever_the_contract_allows() -> None:
    second = Second(rows=(make_row(),), surroundings="", resources={})
    assert tolerate(second, CONTRACT) == (second, BITWISE)


@pytest.mark.parametrize("contract", [None, replace(CONTRACT, closeness=None)])
def test_without_equality_in_a_contract_every_bit_counts(tmp_path: Path, contract: Contract | None) -> None:
    assert stays_failed(differing(answers=two_answers(tmp_path)), contract) == []


@pytest.mark.parametrize("step", ["prepare", "toolchain"])
def test_data_or_toolchain_that_differs_stays_failed(tmp_path: Path, step: str) -> None:
    assert stays_failed(differing((step, *ALLOWED), answers=two_answers(tmp_path))) == []


def test_output_that_was_changed_after_it_was_built_stays_failed(tmp_path: Path) -> None:
    second = differing(answers=two_answers(tmp_path))
    changed = [
        replace(row, detail="changed after it was built; differs in 1 place")
        if row.subject == "train"
        else row
        for row in second.rows
    ]
    assert stays_failed(replace(second, rows=tuple(changed))) == []


@pytest.mark.parametrize("side", ["first", "second"])
def test_without_golden_outputs_it_is_not_checked_and_stays_failed(tmp_path: Path, side: str) -> None:
    answers = two_answers(tmp_path)
    (tmp_path / side / "golden.safetensors").unlink()
    (row,) = stays_failed(differing(answers=answers))
    assert (row.subject, row.status) == ("golden outputs", Status.NOT_CHECKED)
    assert row.detail == "evaluate writes no golden.safetensors, so nothing shows how close the two are"


def test_predictions_too_far_apart_stay_failed(tmp_path: Path) -> None:
    answers = two_answers(tmp_path, answers=golden(0.5))
    predictions, metrics = stays_failed(differing(answers=answers))
    assert predictions.status is Status.FAILED
    assert predictions.detail.startswith("output.scores differs by up to 0.5; at most 0.001 is allowed")
    assert metrics.status is Status.PASSED


def test_metrics_beyond_tolerance_stay_failed(tmp_path: Path) -> None:
    answers = two_answers(tmp_path, accuracy=0.4)
    _, metrics = stays_failed(differing(answers=answers))
    assert (metrics.status, metrics.subject) == (Status.FAILED, "metrics of the second build")
    assert metrics.detail.startswith("accuracy: 0.4 is 0.1 below 0.5 of the first build; at most 0.01")
    assert metrics.differences == (metrics.detail,)


def test_metrics_that_are_no_numbers_are_bad_input(tmp_path: Path) -> None:
    answers = two_answers(tmp_path, accuracy="good")
    with pytest.raises(BadInput, match="accuracy is 'good', which is text, not a number"):
        tolerate(differing(answers=answers), CONTRACT)


def test_answers_that_could_not_be_kept_are_not_taken_for_equal() -> None:
    """As where the disk is full: both outputs of `evaluate` are gone with the second store."""
    (row,) = stays_failed(differing(answers=None))
    assert row.status is Status.NOT_CHECKED
    assert row.detail == "both outputs of evaluate are not here, so nothing shows how close the two are"


@pytest.mark.parametrize("model", ALLOWED)
def test_second_build_that_failed_is_not_close_whatever_the_model_is_called(model: str) -> None:
    failed = make_row(Status.FAILED, subject=model, second="failed", detail="the first build gave x")
    second = Second(rows=(failed,), surroundings="", resources={})
    (row,) = stays_failed(second)
    assert row.status is Status.NOT_CHECKED


def within(tmp_path: Path) -> Verdict:
    found, level = tolerate(differing(answers=two_answers(tmp_path, answers=golden(0.0005))), CONTRACT)
    origin = Origin(derivation="/nix/store/x.drv", flake="git+file:///models")
    return make_verdict(*found.rows, level=level, origin=origin)


def test_verdict_says_so_in_its_name(tmp_path: Path) -> None:
    lines = verdict_text(within(tmp_path)).splitlines()
    assert lines[0] == (
        "verified within tolerance  tiny 1.0.0: two builds on this machine, as close as the contract allows"
    )
    assert lines[-3].startswith("warned    rebuild train: differs in 1 place: the contract allows it")


def test_statement_on_it_does_not_claim_to_be_deterministic(tmp_path: Path) -> None:
    contents = read_contents(write_bundle(tmp_path / "bundle"))
    stated = {}
    for verdict in (within(tmp_path), replace(within(tmp_path), level=BITWISE)):
        (document,) = run_document(Run(time="", verdicts=(verdict,)))["verdicts"]  # type: ignore[misc]
        assert document["verified"] is True
        (tested,) = results.rebuild(contents, document).predicate["configuration"]  # type: ignore[misc]
        stated[verdict.level] = tested["annotations"].get("level")
    assert stated == {WITHIN_TOLERANCE: "WITHIN_TOLERANCE", BITWISE: results.DETERMINISTIC}
