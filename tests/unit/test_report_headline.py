"""The line that says what a run came to, and the table of models by checks."""

import pytest

from tests.unit.plans import make_row
from tests.unit.reported import UNCHECKED, WARNED, make_run, many, whole_run
from verifier.report.headline import headline
from verifier.report.matrix import Line, matrix
from verifier.report.run import Run, Trouble, Unaffected
from verifier.verdict import WITHIN_TOLERANCE

SPARED = Unaffected(model="spared", why="same derivation")


@pytest.mark.parametrize(
    ("run", "line"),
    [
        (make_run(make_row()), "verified: tiny 1.0.0"),
        (make_run(make_row(), WARNED), "verified: tiny 1.0.0, 1 with warnings"),
        (
            Run(time="", verdicts=make_run(make_row()).verdicts * 2, unaffected=(SPARED,)),
            "verified: 2 models, 1 not affected by the change",
        ),
        (
            Run(time="", verdicts=(), unaffected=(SPARED,), since="main"),
            "nothing to check: the change since main reaches no model",
        ),
        (Run(time="", verdicts=()), "NOT VERIFIED: there is no verdict"),
        (
            make_run(),
            "NOT VERIFIED: 1 of 1 model: not checked: tiny 1.0.0: tiny-1.0.0-0123456789ab: "
            "test build: no check was made",
        ),
        (
            make_run(UNCHECKED),
            "NOT VERIFIED: 1 of 1 model: not checked: tiny 1.0.0: tiny-1.0.0-0123456789ab: step train, "
            "test replay trace: there is no second training",
        ),
        (
            many(3),
            "NOT VERIFIED: 3 of 3 models: model-0 1.0.0: step-0/weights.safetensors: step step-0, "
            "test rebuild step-0: the builds differ",
        ),
    ],
)
def test_headline_says_what_the_run_came_to(run: Run, line: str) -> None:
    assert headline(run).line == line


@pytest.mark.parametrize("code", [2, 3])
def test_trouble_is_in_the_headline(code: int) -> None:
    trouble = Trouble(model="sick", sentence="it broke", advice="Mend it.", exit_code=code)
    found = headline(Run(time="", verdicts=make_run(make_row()).verdicts, troubles=(trouble,)))
    assert found.word == "NOT VERIFIED"
    assert "1 of 2 models" in found.text
    assert "it broke" in found.text


def test_matrix_has_all_checks_and_the_worst_models_first() -> None:
    found = matrix(whole_run())
    assert found.checks == ("rebuild", "replay", "metric")
    assert [line.model for line in found.lines] == ["sick", "tiny 1.0.0", "calm 1.0.0"]
    assert found.lines[2] == Line(model="calm 1.0.0", result="verified", cells=("ok", "-", "-"))


@pytest.mark.parametrize(
    ("fields", "result"),
    [
        ({"level": WITHIN_TOLERANCE}, "verified within tolerance"),
        ({"unchanged": "2026-11-25"}, "verified, unchanged"),
        ({}, "verified"),
    ],
)
def test_result_says_how_it_was_verified(fields: dict[str, str], result: str) -> None:
    (verdict,) = make_run(make_row()).verdicts
    run = Run(time="", verdicts=(type(verdict)(**{**vars(verdict), **fields}),))
    assert matrix(run).lines[0].result == result


def test_model_without_rows_is_not_verified() -> None:
    assert matrix(make_run()).lines[0].result == "NOT VERIFIED"
