"""Holds what was built against what is expected: the release of its own version, the one before, and the contract.

1. What differs from the release of its own version has no right to that version.
2. Metrics are compared with the release before, within what the contract tolerates.
3. What the steps used is compared with the release before, or with its own where that is the first; after both
   machines were measured with the same work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from verifier.contract.judging import judge_metrics
from verifier.contract.resources import Used, judge_declared, judge_resources, speed_of
from verifier.contract.terms import Contract
from verifier.contract.values import flatten
from verifier.release.changes import Change, changes, headline
from verifier.release.expected import Expected
from verifier.release.facts import forged_fact
from verifier.release.releases import Release
from verifier.verdict import BITWISE, METRIC, WITHIN_TOLERANCE, Row, Status

RELEASE = "release"
RULES, CONTRACT = "rules", "contract"
INPUTS = ("data", "code", "params", "toolchain")
OTHER_BITS = "other bits than released; the contract leaves it to the metrics"
NO_CONTRACT = "there is no contract.yaml that says what may move (docs/reference/contract.md)"
Json = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What the steps used when they were built, and the seconds that a calibration took then; or nothing."""

    used: Used
    calibration_seconds: float | None


def judge(expected: Expected, built: Json, measured: Measured, level: str) -> list[Row]:
    """Returns the rows for a build that is described by `built`, a release's document.

    Raises:
        BadInput: the contract cannot be held against these metrics.
    """
    return [
        *release_rows(expected, built, level),
        *metric_rows(expected, built, level),
        *_resource_rows(expected, built, measured),
    ]


def agreement(expected: Expected, built: Json, level: str) -> str:
    """Returns how far a build agrees with the release of its version too; `level` is how far two builds of it do.

    On a GPU of another kind both builds can have the same bits, and others than were released.
    """
    own, contract = expected.own, expected.contract
    allowed = contract is not None and contract.closeness is not None
    if own is None or not allowed or _bits(own.document) == _bits(built):
        return level
    return WITHIN_TOLERANCE


def release_rows(expected: Expected, built: Json, level: str = BITWISE) -> list[Row]:
    """Returns the row for the model's own version; none where nothing was ever released."""
    own, before = expected.own, expected.before
    if own is not None:
        return [_own_row(own, built, level)]
    if before is None:
        return []
    moved = changes(before.document, built)
    promises = [one for one in moved if one.kind == CONTRACT]
    detail = f"not released yet; since {before.version}: {headline(moved)}{_loosened(promises)}"
    return [_row(str(built["version"]), Status.PASSED, detail, warned=bool(promises))]


def _own_row(own: Release, built: Json, level: str) -> Row:
    moved = changes(own.document, built)
    lines = tuple(f"{one.kind}: {one.subject}: {one.detail}" for one in moved)
    told = [one for one in moved if one.kind not in (RULES, CONTRACT)]
    promises = [one for one in moved if one.kind == CONTRACT]
    if _bits(own.document) == _bits(built):
        forged = None if told else forged_fact(own.document, built)
        if forged is not None:
            detail = f"its bits are those of the release, which says otherwise of its {forged}"
            return _row(own.version, Status.FAILED, detail, lines)
        if not told:
            rules = "; the rules that build it moved since" if len(moved) > len(promises) else ""
            detail = f"as released on {own.document['date']}{rules}{_loosened(promises)}"
            return _row(own.version, Status.PASSED, detail, lines, warned=bool(promises))
        detail = f"its bits are those of the release, which says otherwise: {_first(told)}"
        return _row(own.version, Status.FAILED, detail, lines)
    # A tolerance is for what the same inputs give.
    if level != BITWISE and not any(one.kind in INPUTS for one in moved):
        return _row(own.version, Status.PASSED, OTHER_BITS, lines, warned=True)
    if own.document["derivation"] == built["derivation"]:
        detail = f"the derivation is the released one, its bits are not: {_first(told or moved)}"
    else:
        detail = f"contents changed, bump the version: {_first(told or moved)} ({headline(moved)})"
    return _row(own.version, Status.FAILED, detail, lines)


def _loosened(promises: Sequence[Change]) -> str:
    """Returns what to say of a contract that is another than it was: who changes it decides what may fail."""
    return f"; the contract is another: {_first(promises)}" if promises else ""


def _first(moved: Sequence[Change]) -> str:
    return f"{moved[0].subject}: {moved[0].detail}" if moved else "something that a release does not name"


def _row(
    subject: str, status: Status, detail: str, differences: Sequence[str] = (), *, warned: bool = False
) -> Row:
    return Row(
        check=RELEASE,
        subject=subject,
        status=status,
        detail=detail,
        warned=warned,
        differences=tuple(differences),
    )


def _bits(document: Json) -> dict[str, str]:
    """Returns the NAR hash of every step; the toolchain shows in what the steps give."""
    steps = cast(Mapping[str, Mapping[str, str]], document["steps"])
    return {step: one["nar_sha256"] for step, one in steps.items() if step != "toolchain"}


def metric_rows(expected: Expected, built: Json, level: str = BITWISE) -> list[Row]:
    """Returns a row for each metric; one that was not checked where releases are, and no contract.

    Raises:
        BadInput: the contract names a metric that there never was, or its tolerance cannot fail.
    """
    contract = expected.contract
    if contract is None:
        lacking = Row(check=METRIC, subject="all", status=Status.NOT_CHECKED, detail=NO_CONTRACT)
        return [lacking] if expected.releases else []
    rows = _against(expected.before, contract, built)
    if level == BITWISE or expected.own is None:
        return rows
    # And not worse than its own release; one that was added by hand excuses nothing, since both must hold.
    failed = {row.subject: row for row in rows if row.status is not Status.PASSED}
    own = {row.subject: row for row in _against(expected.own, contract, built)}
    return list((own | failed).values())


def _against(baseline: Release | None, contract: Contract, built: Json) -> list[Row]:
    return judge_metrics(
        contract,
        flatten(cast(Json, built["metrics"])),
        flatten(cast(Json, baseline.document["metrics"])) if baseline else None,
        baseline.version if baseline else "",
        equal_bits=False,
    )


def _resource_rows(expected: Expected, built: Json, measured: Measured) -> list[Row]:
    declared = judge_declared(cast(Json, built["params"]), measured.used)
    if expected.contract is None:
        return declared
    # Not its own where there is one before: whoever adds a release could write there what it uses.
    baseline = expected.before or expected.own
    now = measured.calibration_seconds
    then = cast(float | None, baseline.document["calibration_seconds"]) if baseline else None
    return declared + judge_resources(
        expected.contract,
        measured.used,
        cast(Used, baseline.document["resources"]) if baseline else None,
        1.0 if now is None else speed_of(now, then),
        baseline.version if baseline else "",
    )
