"""What was built, against its own release, the one before and the contract: each rule, and how it fails."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.contracts import REASON, declared
from tests.unit.released import OTHER, altered, make_document, release, sealed, store_path
from verifier.contract.terms import Contract, Limit
from verifier.release.expected import Expected
from verifier.release.judging import Measured, judge, metric_rows, release_rows
from verifier.release.releases import Release
from verifier.verdict import WITHIN_TOLERANCE, Row, Status

Json = dict  # type: ignore[type-arg]
Change = Callable[[Json], object]
CONTRACT = Contract(
    metrics=(declared(amount=0.01),), resources={"train": {"wall_seconds": Limit(warn=1.5, fail=3)}}
)
NOTHING = Measured(used={}, calibration_seconds=None)
STEPS = ("prepare", "train", "evaluate", "package")


@pytest.fixture
def built(tmp_path: Path) -> Json:
    """The document of a build of version 1.0.0, with the accuracy 0.5."""
    return make_document(tmp_path / "bundle")


def other_bits(document: Json) -> None:
    for step in STEPS[1:]:
        document["steps"][step]["nar_sha256"] = OTHER
    document["weights"]["weights/model.safetensors"] = OTHER


def other_derivation(document: Json) -> None:
    document["derivation"] = store_path("other.drv")


def other_rules(document: Json) -> None:
    other_derivation(document)
    document["steps"]["toolchain"]["derivation"] = store_path("other-toolchain.drv")


def own_row(built: Json, change: Change = lambda _: None, level: str = "bitwise") -> Row:
    """Returns the row where the release of the same version is another by `change`."""
    (row,) = release_rows(Expected(own=release(altered(built, change))), built, level)
    assert (row.check, row.subject) == ("release", "1.0.0")
    return row


def failure(row: Row) -> str:
    assert row.status is Status.FAILED and not row.warned
    return row.detail


def together(*changes: Change) -> Change:
    def change(document: Json) -> None:
        for one in changes:
            one(document)

    return change


def test_bits_of_the_release_pass(built: Json) -> None:
    row = own_row(built)
    assert (row.status, row.detail) == (Status.PASSED, "as released on 2026-11-25")


def test_same_bits_by_other_rules_pass_and_say_so(built: Json) -> None:
    row = own_row(built, other_rules)
    assert row.status is Status.PASSED
    assert row.detail == "as released on 2026-11-25; the rules that build it moved since"


def test_other_bits_of_other_contents_ask_for_a_version(built: Json) -> None:
    row = own_row(
        built,
        together(other_bits, other_derivation, lambda d: d["code"].update({"code/network.py": OTHER})),
    )
    assert failure(row).startswith("contents changed, bump the version: network.py: sha256 ffffffffffff → ")
    assert row.detail.endswith(" (code, weights)")
    assert [line.split(":")[0] for line in row.differences] == ["code", "weights"]


@pytest.mark.parametrize(
    ("bits", "named"),
    [
        (other_bits, "model.safetensors: sha256 ffffffffffff → "),
        (lambda d: d["steps"]["train"].update(nar_sha256=OTHER), "toolchain: it is built in another way"),
    ],
)
def test_of_other_bits_by_other_rules_what_they_gave_is_named_first(
    built: Json, bits: Change, named: str
) -> None:
    row = own_row(built, together(bits, other_rules))
    assert failure(row).startswith(f"contents changed, bump the version: {named}")


def test_other_bits_of_the_same_derivation_fail_as_that(built: Json) -> None:
    row = own_row(built, other_bits)
    sentence = (
        "the derivation is the released one, its bits are not: model.safetensors: sha256 ffffffffffff → "
    )
    assert failure(row).startswith(sentence)


def test_other_bits_that_no_file_explains_fail(built: Json) -> None:
    row = own_row(built, lambda d: d["steps"]["prepare"].update(nar_sha256=OTHER))
    assert failure(row) == (
        "the derivation is the released one, its bits are not: something that a release does not name"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["metrics"]["scalars"].update(accuracy=0.99), "accuracy: 0.99 → 0.5 (-0.49)"),
        (lambda d: d["params"].update(seed=7), "seed: removed: 7"),
        (lambda d: d["files"].update({"data.json": OTHER}), "data.json: sha256 ffffffffffff → "),
    ],
)
def test_release_that_was_edited_and_sealed_anew_fails(built: Json, change: Change, said: str) -> None:
    """Its digest fits; what was built does not."""
    sentence = "its bits are those of the release, which says otherwise: "
    assert failure(own_row(built, change)).startswith(sentence + said)


def test_other_bits_within_tolerance_pass_with_a_warning(built: Json) -> None:
    row = own_row(built, other_bits, WITHIN_TOLERANCE)
    assert (row.status, row.warned) == (Status.PASSED, True)
    assert row.detail == "other bits than released; the contract leaves it to the metrics"
    assert len(row.differences) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["code"].update({"code/network.py": OTHER}),
        lambda d: d["params"].update(seed=8),
        lambda d: d["toolchain"]["packages"].update(numpy="2.4.5"),
        lambda d: d["data"]["stages"].append({"name": "raw", "rows": 1, "sha256": OTHER}),
    ],
)
def test_tolerance_is_for_bits_and_never_for_other_contents(built: Json, change: Change) -> None:
    row = own_row(built, together(other_bits, other_derivation, change), WITHIN_TOLERANCE)
    assert failure(row).startswith("contents changed, bump the version: ")


def version(document: Json, number: str) -> Json:
    return sealed({**document, "version": number})


def test_version_that_is_not_released_yet_is_told_with_what_changed(built: Json) -> None:
    before = altered(version(built, "0.9.0"), lambda d: d["metrics"]["scalars"].update(accuracy=0.4))
    (row,) = release_rows(Expected(before=release(before)), built)
    assert (row.subject, row.status) == ("1.0.0", Status.PASSED)
    assert row.detail == "not released yet; since 0.9.0: metrics"


def test_model_that_was_never_released_has_no_row(built: Json) -> None:
    assert release_rows(Expected(), built) == []
    assert judge(Expected(), built, NOTHING, "bitwise") == []


def expected(built: Json, accuracy: float, *, own: float | None = None) -> Expected:
    """Returns a release before with this accuracy, and one of the version itself where `own` says so."""

    def with_accuracy(document: Json, value: float) -> Release:
        return release(altered(document, lambda d: d["metrics"]["scalars"].update(accuracy=value)))

    before = with_accuracy(version(built, "0.9.0"), accuracy)
    mine = None if own is None else with_accuracy(built, own)
    releases = (before,) if mine is None else (before, mine)
    return Expected(contract=CONTRACT, releases=releases, before=before, own=mine)


def test_metrics_are_held_against_the_release_before(built: Json) -> None:
    (row,) = metric_rows(expected(built, 0.52, own=0.5), built)
    assert failure(row) == f"0.5 is 0.02 below 0.52 of 0.9.0; at most 0.01 is tolerated ({REASON})"


def test_metrics_within_the_tolerance_of_the_release_before_pass(built: Json) -> None:
    (row,) = metric_rows(expected(built, 0.505), built)
    assert (row.status, row.detail) == (Status.PASSED, "0.5, 0.005 below 0.9.0, tolerated")


def test_within_tolerance_metrics_are_held_against_the_own_release(built: Json) -> None:
    """Else a hundred builds of one version could each be a little worse than the one before."""
    (row,) = metric_rows(expected(built, 0.5, own=0.52), built, WITHIN_TOLERANCE)
    assert failure(row).startswith("0.5 is 0.02 below 0.52 of 1.0.0")


def test_first_release_has_only_limits_to_keep(built: Json) -> None:
    (row,) = metric_rows(Expected(contract=CONTRACT), built)
    assert (row.status, row.detail) == (Status.PASSED, "0.5; no release to compare with")
    high = replace(CONTRACT, metrics=(declared(minimum=0.9),))
    (row,) = metric_rows(Expected(contract=high), built)
    assert failure(row) == "0.5 is below the minimum of 0.9"


def test_releases_without_a_contract_are_not_checked(built: Json) -> None:
    (row,) = metric_rows(Expected(releases=(release(built),)), built)
    assert (row.check, row.subject, row.status) == ("metric", "all", Status.NOT_CHECKED)
    assert row.detail.startswith("there is no contract.yaml that says what may move")
