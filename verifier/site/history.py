"""The history of one model: checks of files and of the ledger, each once, and its releases."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from verifier.clock import SKEW, parse_time
from verifier.contract.values import SLICED
from verifier.errors import BadInput
from verifier.release.versions import precedence
from verifier.site.records import Outcome, ReleasePoint
from verifier.site.verdict_files import Checked, verdict_in


def checks_of(files: Sequence[Checked], recorded: Sequence[Checked]) -> list[Checked]:
    """Returns all checks, the newest first; those without a time come last.

    What a ledger says of a check that a file tells of too is one with it: all the same, at about the same time.
    """
    found = list(files)
    unpaired = list(range(len(found)))
    for one in recorded:
        near = [(apart, n) for n in unpaired if (apart := _apart(found[n].outcome, one.outcome)) <= SKEW]
        if not near:
            found.append(one)
            continue
        _, pair = min(near)
        unpaired.remove(pair)
        outcome = found[pair].outcome
        source = f"{outcome.source}; {one.outcome.source}"
        found[pair] = replace(found[pair], outcome=replace(outcome, source=source))
    return sorted(found, key=lambda one: (one.outcome.time, one.outcome.version), reverse=True)


def _apart(first: Outcome, second: Outcome) -> timedelta:
    """Returns by how much the times of two outcomes differ that say the same."""
    if _facts(first) != _facts(second):
        return timedelta.max
    try:
        return abs(parse_time(first.time) - parse_time(second.time))
    except ValueError:
        return timedelta.max


def _facts(one: Outcome) -> tuple[object, ...]:
    return one.version, one.verified, one.level, one.identifier, one.not_passed, one.trouble


def outcomes_of(checks: Sequence[Checked]) -> tuple[Outcome, ...]:
    """Returns the outcomes; the newest has its verdict, if a file tells it."""
    outcomes = [one.outcome for one in checks]
    if checks and outcomes[0].verdict is None and checks[0].place is not None:
        outcomes[0] = replace(outcomes[0], verdict=verdict_in(checks[0].place, checks[0].index))
    return tuple(outcomes)


def points_of(
    released: Sequence[ReleasePoint],
    recorded: Sequence[ReleasePoint],
    checks: Sequence[Checked],
    gaps: list[str],
) -> tuple[ReleasePoint, ...]:
    """Returns the releases, the lowest version first; where none was read, the versions that passed a check."""
    known = {one.version for one in released}
    missing = {one.version: one for one in recorded if one.version not in known}
    if released and missing:
        gaps.append(f"The ledger has releases that are not in the folder: {', '.join(sorted(missing))}.")
    found = [*released, *missing.values()]
    if not found:
        found = list(_passed(checks))
        if found:
            gaps.append(
                "No release was read: what is drawn are the newest checks of each version that passed."
            )
    elif not any(one.metrics for one in found):
        gaps.append("Releases are known from the ledger alone, which holds no metrics.")
    versions = [one for one in found if _is_version(one.version)]
    return tuple(sorted(versions, key=lambda one: precedence(one.version)))


def _is_version(text: str) -> bool:
    try:
        precedence(text)
    except BadInput:
        return False
    return True


def _passed(checks: Sequence[Checked]) -> Iterator[ReleasePoint]:
    seen: set[str] = set()
    for one in checks:
        outcome = one.outcome
        if outcome.verified and one.metrics and outcome.version not in seen:
            seen.add(outcome.version)
            yield ReleasePoint(
                version=outcome.version,
                date=outcome.time[:10],
                level=outcome.level,
                identifier=outcome.identifier or "",
                metrics={_spelt(name): value for name, value in one.metrics.items()},
                resources=one.resources,
            )


def _spelt(name: str) -> str:
    """Returns a metric as releases call it: a verdict's `recall of classes/3` is `recall classes/3` there."""
    for part in SLICED:
        name = name.replace(f" of {part}/", f" {part}/", 1)
    return name
