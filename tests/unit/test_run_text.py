"""The report of several models: the verdict first, a table of models and checks, then what wants a look."""

from dataclasses import replace

from tests.unit.plans import make_row, make_verdict
from verifier.report.matrix import cell
from verifier.report.run import Run, Trouble, Unaffected
from verifier.report.run_text import matrix_text, run_text
from verifier.verdict import Status, Verdict

METRIC = make_row(check="metric", subject="accuracy")
GOOD = make_verdict(make_row(), METRIC)
BAD = replace(make_verdict(make_row(Status.FAILED, detail="differs"), METRIC), model="poor")
LEFT = (Unaffected(model="third", why="its derivation is that of main"),)


def run(*verdicts: Verdict, **fields: object) -> Run:
    return Run(time="", verdicts=verdicts, **fields)  # type: ignore[arg-type]


def test_verdict_comes_first_and_names_what_failed() -> None:
    lines = run_text(run(GOOD, BAD)).splitlines()
    said = "poor 1.0.0: train: step train, test rebuild train: differs"
    assert lines[0] == f"NOT VERIFIED  1 of 2 models: {said}"
    assert run_text(run(GOOD, GOOD)).splitlines()[0] == "verified  2 models"


def test_table_has_a_line_a_model_and_a_column_for_what_did_not_pass() -> None:
    lines = [line.split() for line in matrix_text(run(GOOD, BAD)).splitlines()]
    assert lines == [
        ["model", "verdict", "rebuild", "other", "checks"],
        ["poor", "1.0.0", "NOT", "VERIFIED", "FAILED", "1", "ok"],
        ["tiny", "1.0.0", "verified", "ok", "1", "ok"],
    ]


def test_table_of_what_passed_counts_the_checks() -> None:
    assert [line.split() for line in matrix_text(run(GOOD, GOOD)).splitlines()][1] == [
        "tiny",
        "1.0.0",
        "verified",
        "2",
        "ok",
    ]


def test_cell_tells_the_gravest_and_how_many() -> None:
    rows = [make_row(), make_row(warned=True), make_row(Status.NOT_CHECKED), make_row(Status.NOT_CHECKED)]
    assert cell(make_verdict(*rows), "rebuild") == "not checked 2 of 4"
    assert cell(make_verdict(*rows[:2]), "rebuild") == "warning 1 of 2"
    assert cell(make_verdict(*rows), "metric") == "-"
    assert cell(make_verdict(make_row(Status.FAILED, warned=True)), "rebuild") == "FAILED"


def test_details_are_of_the_models_that_want_a_look() -> None:
    text = run_text(run(GOOD, BAD))
    assert "NOT VERIFIED  poor 1.0.0: rebuild train: differs" in text
    assert text.splitlines()[-1].startswith("verified  tiny 1.0.0: two builds")


def test_models_that_the_change_does_not_reach_are_named_with_the_reason() -> None:
    text = run_text(run(GOOD, unaffected=LEFT, why=(("tiny", "train: train.py changed"),)))
    assert text.splitlines()[0] == "verified  tiny 1.0.0, 1 not affected by the change"
    assert "affected      tiny: train: train.py changed" in text
    assert "not affected  third: its derivation is that of main" in text


def test_change_that_reaches_nothing_says_so() -> None:
    assert run_text(run(unaffected=LEFT, since="abc")).startswith(
        "nothing to check  the change since abc reaches no model\n"
    )


def test_model_without_a_verdict_is_counted_as_not_verified() -> None:
    trouble = Trouble(model="broken", sentence="no", advice="Look.", exit_code=2)
    assert run_text(run(GOOD, troubles=(trouble,))).startswith(
        "NOT VERIFIED  1 of 2 models: broken: test build: no\n"
    )


def test_names_cannot_write_to_the_terminal() -> None:
    evil = replace(BAD, model="\x1b[2J\nverified  all")
    text = run_text(run(GOOD, evil, unaffected=LEFT, why=(("\x1b", "\x1b"),)))
    assert all(c.isprintable() or c == "\n" for c in text)
    assert [line for line in text.splitlines() if line.startswith("verified")] == [text.splitlines()[-3]]
