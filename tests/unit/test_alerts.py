"""Alerts: each names artefact, step, test, owner, whom to call, and the command that shows it again."""

import shlex
from dataclasses import replace

import pytest

from tests.unit.plans import make_row, make_verdict
from verifier.explain.findings import Explanation, Finding
from verifier.report.alerts import Alert, alerts_of
from verifier.report.run import Run, Trouble
from verifier.verdict import Explained, Place, Row, Status, Verdict

PLACE = Place(file="models/tiny/train.py", line=4)


def alerts(*rows: Row, **fields: object) -> tuple[Alert, ...]:
    verdict = make_verdict(*rows, owner="maintainers", escalation="ring the bell", **fields)
    return alerts_of(Run(time="", verdicts=(verdict,)))


def failed(**fields: object) -> Row:
    return make_row(Status.FAILED, **fields)


def test_alert_on_a_rebuild_names_everything() -> None:
    row = failed(
        differences=("model.safetensors: differs from byte 3 of 9 on",), place=PLACE, detail="differs"
    )
    (alert,) = alerts(row)
    assert (alert.artefact, alert.step, alert.test) == ("train/model.safetensors", "train", "rebuild train")
    assert (alert.owner, alert.escalation, alert.place) == ("maintainers", "ring the bell", PLACE)
    assert alert.rerun == "verifier check tiny --again"
    assert alert.sentence == ("tiny 1.0.0: train/model.safetensors: step train, test rebuild train: differs")


def test_alert_on_a_variation_names_the_step_and_all_that_failed() -> None:
    rows = [
        failed(check="variation", subject="locale", differences=("train/a.txt: differs",)),
        failed(check="variation", subject="umask", differences=("prepare/b.txt: differs",)),
        make_row(check="variation", subject="user"),
    ]
    first, second = alerts(*rows)
    assert (first.artefact, first.step) == ("train/a.txt", "train")
    assert (second.artefact, second.step) == ("prepare/b.txt", "prepare")
    assert first.rerun == "verifier check tiny --vary locale,umask"


@pytest.mark.parametrize(
    ("check", "subject", "step"),
    [
        ("metric", "accuracy", "evaluate"),
        ("resource", "train, wall time", "train"),
        ("data", "3 stages", "prepare"),
        ("replay", "9 steps", "train"),
        ("release", "1.0.0", ""),
        ("bundle", "17 files", ""),
    ],
)
def test_other_checks_are_about_the_bundle(check: str, subject: str, step: str) -> None:
    (alert,) = alerts(failed(check=check, subject=subject))
    assert (alert.artefact, alert.step) == ("tiny-1.0.0-0123456789ab", step)


def test_inherited_difference_and_plain_success_give_no_alert() -> None:
    assert alerts(failed(inherited=True), make_row()) == ()


def test_failures_come_before_what_was_not_checked_and_before_warnings() -> None:
    rows = [make_row(warned=True), make_row(Status.NOT_CHECKED), failed()]
    assert [alert.status for alert in alerts(*rows)] == [Status.FAILED, Status.NOT_CHECKED, Status.PASSED]


def test_variations_that_were_not_tried_for_one_reason_are_one_alert() -> None:
    rows = [
        make_row(Status.NOT_CHECKED, check="variation", subject=f"v{n}", detail="not tried")
        for n in range(14)
    ]
    other = make_row(Status.NOT_CHECKED, check="variation", subject="cpu", detail="no emulator")
    assert [alert.test for alert in alerts(*rows, other)] == ["variation 14 of them", "variation cpu"]


def test_what_moved_inside_the_file_stands_below() -> None:
    finding = Finding(path="w.npy", place="[3]", sentence="1.0 and 2.0")
    explained = Explained(
        subject="train", explanation=Explanation(findings=(finding,), left_out=0, cause=None)
    )
    (alert,) = alerts(failed(differences=("w.npy: differs",)), explained=(explained,))
    assert alert.lines[:2] == ("w.npy", "  [3]: 1.0 and 2.0")


def test_rebuilder_that_disagrees_is_asked_again() -> None:
    (alert,) = alerts(failed(check="rebuilder", subject="train on me@host", differences=("a: differs",)))
    assert (alert.step, alert.rerun) == ("train", "verifier check tiny --rebuilder ssh-ng://me@host")


@pytest.mark.parametrize(
    ("sentence", "code", "step", "status"),
    [
        ("step train of tiny: ValueError: no", 2, "train", Status.FAILED),
        ("the disk is full: tiny could not be built", 3, "", Status.NOT_CHECKED),
        ("step", 2, "", Status.FAILED),
    ],
)
def test_what_kept_a_model_from_a_verdict_is_an_alert(
    sentence: str, code: int, step: str, status: Status
) -> None:
    trouble = Trouble(
        model="tiny", sentence=sentence, advice="Mend it.", exit_code=code, place=PLACE, owner="us"
    )
    (alert,) = alerts_of(Run(time="", verdicts=(), troubles=(trouble,)))
    assert (alert.step, alert.status, alert.place, alert.lines) == (step, status, PLACE, ("Mend it.",))
    assert alert.owner == "us"


def test_name_of_a_model_cannot_run_a_command() -> None:
    verdict: Verdict = replace(make_verdict(failed()), model="a; rm -rf /")
    (alert,) = alerts_of(Run(time="", verdicts=(verdict,)))
    assert alert.rerun == "verifier check 'a; rm -rf /' --again"


@pytest.mark.parametrize("check", ["variation", "rebuilder"])
def test_command_to_run_again_runs_nothing_that_a_stored_verdict_names(check: str) -> None:
    (alert,) = alerts(failed(check=check, subject="x on y; touch /tmp/z"))
    assert len(shlex.split(alert.rerun)) == 5
