"""Holds a model's steps under changed surroundings against those that were built first, and says what moved them.

1. Variations that can be had at once are tried at once: where the outputs are equal, none of them moves a bit.
2. Where one differs each suspect is tried alone, and named with its cause if something differs then too.
3. After the first group in which something differed the others are left, unless asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from verifier import nix
from verifier.errors import CouldNotCheck
from verifier.nix import Store
from verifier.rebuild.sources import fetch
from verifier.rebuild.trials import Bench, Outcome, run_trials, trials_of
from verifier.rebuild.variations import CPU, STEPS, Choice, Variation, Varied, grouped
from verifier.verdict import TOGETHER, UNDER, VARIATION, Kept, Row, Status

# Variations at once and their steps by name; a row and what it was judged by.
Group: TypeAlias = tuple[Sequence[Variation], dict[str, Varied]]
Judged: TypeAlias = tuple[Row, list[Outcome]]


@dataclass(frozen=True, kw_only=True)
class Tried:
    """The rows of all variations, and both outputs of what differs."""

    rows: tuple[Row, ...] = ()
    kept: tuple[Kept, ...] = ()


def try_variations(choice: Choice, bench: Bench, *, differs: bool, keep_going: bool) -> Tried:
    """Tries what was chosen, unless the plain rebuild differs; see the numbered steps above.

    Raises:
        BadInput: the flake does not evaluate, or says that something else is a variation.
    """
    if not choice.variations:
        return Tried()
    if differs and not keep_going:
        why = "not tried, since the rebuild differs; --keep-going tries it"
        return Tried(rows=tuple(left_out(choice.variations, why)))
    groups = grouped(choice.variations)
    known = list(zip(groups, choice.steps(groups), strict=True))
    on_cpus = [one for one in known if one[0][0].lever == CPU]
    rows: list[Row] = []
    kept: list[Kept] = []
    for batch in [*([one] for one in known if one not in on_cpus), on_cpus]:
        if not keep_going and any(row.status is Status.FAILED for row in rows):
            for group, _ in batch:
                rows += left_out(group, "not tried after the first difference; --keep-going tries it")
            continue
        for row, outcomes in _try_batch(batch, choice, bench):
            rows.append(row)
            kept += _kept(row, outcomes, bench)
    return Tried(rows=tuple(rows), kept=tuple(kept))


def bring_tools(choice: Choice, store: Store) -> None:
    """Fetches the tools that the chosen variations need, where the store lacks them.

    Raises:
        CouldNotCheck: one of them could not be fetched.
    """
    tools = sorted({variation.tool for variation in choice.variations if variation.tool})
    lacking = nix.invalid(store, [path for tool in tools for path in choice.tools[tool]])
    names = [tool for tool in tools if lacking.intersection(choice.tools[tool])]
    if names:
        fetch(names, choice.flake)


def left_out(variations: Sequence[Variation], why: str) -> list[Row]:
    """Returns the rows of variations that are not tried."""
    return [
        Row(check=VARIATION, subject=variation.name, status=Status.NOT_CHECKED, detail=why)
        for variation in variations
    ]


def _try_batch(batch: Sequence[Group], choice: Choice, bench: Bench) -> list[Judged]:
    """Tries several groups in one run of Nix, side by side where there are cores."""
    trials = [trials_of(group, varied, STEPS, bench) for group, varied in batch]
    found = run_trials([trial for of_group in trials for trial in of_group], bench)
    return [
        judged
        for (group, _), of_group in zip(batch, trials, strict=True)
        for judged in _judge(group, [found[trial] for trial in of_group], choice, bench)
    ]


def _judge(group: Sequence[Variation], outcomes: list[Outcome], choice: Choice, bench: Bench) -> list[Judged]:
    suspects = [outcome.trial.step for outcome in outcomes if not outcome.equal]
    if len(group) == 1 or not suspects:
        return [(variation_row(variation, outcomes, bench), outcomes) for variation in group]
    alone = choice.steps([[variation] for variation in group])
    each = [trials_of([v], steps, suspects, bench) for v, steps in zip(group, alone, strict=True)]
    found = run_trials([trial for trials in each for trial in trials], bench)
    # Where a step is equal with all of them, it is with each.
    equal = [outcome for outcome in outcomes if outcome.equal]
    single = [sorted([*equal, *(found[trial] for trial in trials)], key=_place) for trials in each]
    rows = [(variation_row(v, of_v, bench), of_v) for v, of_v in zip(group, single, strict=True)]
    moved = {outcome.trial.step for of_v in single for outcome in of_v if not outcome.equal}
    unexplained = [outcome for outcome in outcomes if not outcome.equal and outcome.trial.step not in moved]
    if unexplained:
        rows.append((unexplained_row(unexplained), unexplained))
    return rows


def _place(outcome: Outcome) -> int:
    return STEPS.index(outcome.trial.step)


def variation_row(variation: Variation, outcomes: Sequence[Outcome], bench: Bench) -> Row:
    """Returns what a variation came to: failed where a bit moved, not checked where it could not be had here."""
    moved = [outcome for outcome in outcomes if not outcome.equal]
    if not moved:
        status, detail = Status.PASSED, f"{_steps(outcomes, bench)}: equal"
    elif all(isinstance(outcome.failure, CouldNotCheck) for outcome in moved):
        status, detail = Status.NOT_CHECKED, _reasons(moved)
    elif any(outcome.differences for outcome in moved):
        differing = [outcome for outcome in moved if outcome.differences]
        status, detail = Status.FAILED, f"{_steps(differing, bench)}: {variation.cause}"
    else:
        status, detail = Status.FAILED, f"fails under {variation.name} alone: {_reasons(moved)}"
    return Row(
        check=VARIATION,
        subject=variation.name,
        status=status,
        detail=detail,
        second=", ".join(sorted({outcome.origin for outcome in outcomes})),
        differences=_lines(moved),
    )


def unexplained_row(moved: Sequence[Outcome]) -> Row:
    """Returns the row for steps that differ with all variations of a group, and with none of them alone."""
    words = " and ".join(outcome.trial.step for outcome in moved)
    why = _reasons(moved)
    unable = all(isinstance(outcome.failure, CouldNotCheck) for outcome in moved)
    chance = f"{words}: no single change moves a bit alone, so it is chance, or several of them together"
    return Row(
        check=VARIATION,
        subject=TOGETHER,
        status=Status.NOT_CHECKED if unable else Status.FAILED,
        detail=why if unable else chance + (f" ({why})" if why else ""),
        second=", ".join(sorted({outcome.origin for outcome in moved})),
        differences=_lines(moved),
    )


def _steps(outcomes: Sequence[Outcome], bench: Bench) -> str:
    return ", ".join(
        f"the first {bench.prefix} steps of train" if outcome.trial.short else outcome.trial.step
        for outcome in outcomes
    )


def _reasons(outcomes: Sequence[Outcome]) -> str:
    return "; ".join(dict.fromkeys(o.failure.sentence for o in outcomes if o.failure is not None))


def _lines(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Returns a line for each difference, the step before the file; of a step that failed, the advice."""
    found = [f"{outcome.trial.step}/{line}" for outcome in outcomes for line in outcome.differences]
    failed = [f"{o.trial.step}: {o.failure.advice}" for o in outcomes if o.failure is not None]
    return (*found, *failed)


def _kept(row: Row, outcomes: Sequence[Outcome], bench: Bench) -> list[Kept]:
    store = bench.store
    return [
        Kept(
            subject=f"{outcome.trial.step}{UNDER}{row.subject}",
            first=str(store.physical(bench.reference(outcome.trial.step))),
            second=str(store.physical(outcome.trial.varied.output)),
            steps=bench.prefix if outcome.trial.short else None,
        )
        for outcome in outcomes
        if outcome.differences
    ]
