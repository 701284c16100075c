"""The verdict and its exit code: verified only where everything was checked and held."""

import pytest

from tests.unit.plans import make_row, make_verdict
from verifier.errors import BadInput, CouldNotCheck, VerifierError
from verifier.report.run import Run, Unaffected, trouble_of
from verifier.verdict import Status, Verdict

PASSED, FAILED, NOT_CHECKED = make_row(), make_row(Status.FAILED), make_row(Status.NOT_CHECKED)
VERIFIED = make_verdict(PASSED)
BROKEN = make_verdict(FAILED)
UNCHECKED = make_verdict(PASSED, NOT_CHECKED)
BAD_INPUT = BadInput("the lock is wrong", advice="Mend it.")
COULD_NOT = CouldNotCheck("no Nix", advice="Install it.")


def test_verified_where_every_row_passed() -> None:
    assert make_verdict(PASSED, PASSED).verified


def test_no_rows_are_not_verified() -> None:
    assert not make_verdict().verified


def test_one_failed_row_is_not_verified() -> None:
    assert not make_verdict(PASSED, FAILED, PASSED).verified


def test_not_checked_never_counts_as_passed() -> None:
    assert not UNCHECKED.verified


def test_inherited_difference_is_not_verified() -> None:
    assert not make_verdict(PASSED, make_row(Status.FAILED, inherited=True)).verified


def test_first_failure_is_the_first_that_failed_of_itself() -> None:
    inherited = make_row(Status.FAILED, inherited=True, subject="evaluate")
    own = make_row(Status.FAILED, subject="prepare")
    later = make_row(Status.FAILED, subject="zoo")
    assert make_verdict(PASSED, inherited, own, later).first_failure == own


def test_verified_has_no_first_failure() -> None:
    assert VERIFIED.first_failure is None


@pytest.mark.parametrize(
    ("verdict", "code"),
    [(VERIFIED, 0), (BROKEN, 1), (UNCHECKED, 3), (make_verdict(), 3), (make_verdict(NOT_CHECKED, FAILED), 1)],
    ids=["verified", "failed", "not checked", "empty", "failed and not checked"],
)
def test_exit_code_of_a_verdict(verdict: Verdict, code: int) -> None:
    assert verdict.exit_code == code


@pytest.mark.parametrize(
    ("verdicts", "errors", "code"),
    [
        ([VERIFIED], [], 0),
        ([VERIFIED, VERIFIED], [], 0),
        ([VERIFIED, BROKEN], [], 1),
        ([BROKEN, UNCHECKED], [COULD_NOT], 1),
        ([BROKEN], [BAD_INPUT], 1),
        ([VERIFIED], [BAD_INPUT], 2),
        ([VERIFIED], [BAD_INPUT, COULD_NOT], 3),
        ([VERIFIED], [COULD_NOT], 3),
        ([UNCHECKED], [], 3),
        ([UNCHECKED], [BAD_INPUT], 3),
        ([], [BAD_INPUT], 2),
        ([], [], 2),
    ],
)
def test_exit_code_of_several_models(verdicts: list[Verdict], errors: list[VerifierError], code: int) -> None:
    troubles = tuple(trouble_of("model", error) for error in errors)
    assert Run(time="", verdicts=tuple(verdicts), troubles=troubles).exit_code == code


def test_change_that_reaches_no_model_is_a_success() -> None:
    left = (Unaffected(model="tiny", why="its derivation is the same"),)
    assert Run(time="", verdicts=(), unaffected=left).exit_code == 0
    assert Run(time="", verdicts=(BROKEN,), unaffected=left).exit_code == 1
