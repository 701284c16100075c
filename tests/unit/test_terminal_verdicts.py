"""The text on metrics by class, on what passed with a warning, and the three ways to be verified."""

import pytest

from tests.unit.plans import make_row, make_verdict
from verifier.report.terminal import verdict_text, verified_line
from verifier.verdict import WITHIN_TOLERANCE, Row, Status, Verdict


def metric(subject: str, status: Status = Status.PASSED, **fields: object) -> Row:
    return make_row(status, check="metric", **{"subject": subject, "detail": f"{subject} is 0.9", **fields})


def recalls(*labels: str) -> list[Row]:
    return [metric(f"recall of classes/{label}") for label in labels]


def table(*rows: Row) -> list[tuple[str, str]]:
    """Returns subject and result of each line of the table."""
    lines = verdict_text(make_verdict(*rows)).split("\n\n")[1].splitlines()
    cells = [[cell for cell in line.split("  ") if cell] for line in lines[1:]]
    return [(cell[1].strip(), cell[-1].strip()) for cell in cells]


def test_classes_that_passed_are_one_row() -> None:
    shown = table(metric("accuracy"), *recalls("0", "1", "8"))
    assert shown == [
        ("accuracy", "ok: accuracy is 0.9"),
        ("recall of 3 classes", "ok: each as the contract has it"),
    ]


def test_slices_are_folded_beside_classes() -> None:
    slices = [metric(f"accuracy of slices/{name}") for name in ("acts", "gospels")]
    assert [subject for subject, _ in table(*recalls("0", "1"), *slices)] == [
        "recall of 2 classes",
        "accuracy of 2 slices",
    ]


def test_two_metrics_by_class_are_two_rows() -> None:
    precisions = [metric(f"precision of classes/{label}") for label in "01"]
    assert [subject for subject, _ in table(*recalls("0", "1"), *precisions)] == [
        "recall of 2 classes",
        "precision of 2 classes",
    ]


def test_one_class_keeps_its_row() -> None:
    assert table(*recalls("8")) == [("recall of classes/8", "ok: recall of classes/8 is 0.9")]


@pytest.mark.parametrize(
    ("fields", "mark"),
    [
        ({"status": Status.FAILED}, "FAILED"),
        ({"status": Status.NOT_CHECKED}, "not checked"),
        ({"warned": True}, "warning"),
    ],
)
def test_class_that_did_not_simply_pass_keeps_its_row(fields: dict[str, object], mark: str) -> None:
    wanting = metric("recall of classes/8", **fields)
    assert table(*recalls("0", "1"), wanting)[1:] == [
        ("recall of classes/8", f"{mark}: recall of classes/8 is 0.9")
    ]


@pytest.mark.parametrize("fields", [{"status": Status.FAILED}, {"warned": True}])
def test_two_classes_alike_that_did_not_simply_pass_keep_their_rows(fields: dict[str, object]) -> None:
    rows = [metric(f"recall of classes/{label}", detail="0.8", **fields) for label in "01"]
    assert [subject for subject, _ in table(*rows)] == ["recall of classes/0", "recall of classes/1"]


def test_two_variations_that_failed_alike_keep_their_rows() -> None:
    rows = [make_row(Status.FAILED, check="variation", subject=name) for name in ("locale", "umask")]
    assert [subject for subject, _ in table(*rows)] == ["locale", "umask"]


def test_scalars_with_a_slash_in_their_names_are_no_classes() -> None:
    names = ["bleu/en-de", "bleu/de-en", "share of all/first", "share of all/second"]
    assert [subject for subject, _ in table(*map(metric, names))] == names


def test_label_with_a_slash_is_a_class_too() -> None:
    assert table(*recalls("a/b", "a/c"))[0][0] == "recall of 2 classes"


def test_class_of_a_metric_with_a_slash_is_folded_under_its_whole_name() -> None:
    rows = [metric(f"f1/{kind} of classes/{label}") for kind in ("micro", "macro") for label in "01"]
    assert [subject for subject, _ in table(*rows)] == ["f1/micro of 2 classes", "f1/macro of 2 classes"]


WARNED = make_row(check="metric", subject="accuracy", detail="0.98, better than 1.0.0", warned=True)


def closing(verdict: Verdict) -> list[str]:
    return verdict_text(verdict).split("\n\n")[-1].splitlines()


def title(verdict: Verdict) -> str:
    return verdict_text(verdict).splitlines()[0]


def test_warnings_are_listed_last() -> None:
    verdict = make_verdict(make_row(), WARNED)
    assert closing(verdict)[-1] == "warned    metric accuracy: 0.98, better than 1.0.0"
    assert title(verdict).startswith("verified  tiny 1.0.0: ")


def test_warning_shows_in_the_table() -> None:
    assert table(WARNED) == [("accuracy", "warning: 0.98, better than 1.0.0")]


def test_failure_is_not_softened_to_a_warning() -> None:
    row = metric("accuracy", Status.FAILED, warned=True)
    assert table(row) == [("accuracy", "FAILED: accuracy is 0.9")]


def test_model_that_failed_lists_no_warnings() -> None:
    verdict = make_verdict(make_row(Status.FAILED), WARNED)
    assert not any(line.startswith("warned") for line in closing(verdict))
    assert title(verdict).startswith("NOT VERIFIED  tiny 1.0.0: rebuild train")


def test_warning_cannot_write_to_the_terminal() -> None:
    evil = make_row(check="metric", subject="\x1b[2J", detail="a\nverified  tiny", warned=True)
    assert closing(make_verdict(evil))[-1] == "warned    metric \\x1b[2J: a\\x0averified  tiny"


def test_failed_metric_is_the_reason() -> None:
    failed = metric("accuracy", Status.FAILED, detail="0.4 is 0.1 below 0.5 of 1.0.0")
    assert (
        title(make_verdict(make_row(), failed))
        == "NOT VERIFIED  tiny 1.0.0: metric accuracy: 0.4 is 0.1 below 0.5 of 1.0.0"
    )


VARIED = make_row(check="variation", subject="umask")


@pytest.mark.parametrize(
    ("verdict", "line"),
    [
        (make_verdict(), "verified  tiny 1.0.0: two builds on this machine, equal to the last bit"),
        (
            make_verdict(VARIED, VARIED),
            "verified  tiny 1.0.0: two builds on this machine and 2 variations, equal to the last bit",
        ),
        (
            make_verdict(VARIED, unchanged="2026-11-25 10:00 UTC"),
            "verified  tiny 1.0.0: unchanged; two builds on this machine and 1 variation were equal to the "
            "last bit on 2026-11-25 10:00 UTC",
        ),
        (
            make_verdict(level=WITHIN_TOLERANCE),
            "verified within tolerance  tiny 1.0.0: two builds on this machine, as close as the contract allows",
        ),
    ],
)
def test_line_on_a_verified_model(verdict: Verdict, line: str) -> None:
    assert verified_line(verdict) == line


def test_bundle_whose_metrics_were_held_against_nothing_says_so() -> None:
    said = "metrics   held against nothing: the flake shows no contract.yaml of this model"
    assert said in verdict_text(make_verdict(make_row()))
    assert said not in verdict_text(make_verdict(make_row(check="metric", subject="accuracy")))
