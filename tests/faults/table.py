"""The outcomes as a table for people, and the score below it."""

from collections.abc import Sequence

from tests.faults.corpus import BUILDS, VARIATIONS
from tests.faults.outcome import Outcome

HEAD = ("fault", "caught by", "explained as", "seconds")
PASSED = "not caught"


def line(outcome: Outcome) -> tuple[str, str, str, str]:
    """Returns the cells of one row."""
    fault, said = outcome.fault, outcome.said
    caught = ", ".join(said.caught_by) or ("passed" if fault.control else PASSED)
    if said.caught_by and not outcome.caught:
        caught += f" (expected: {' or '.join(fault.caught_by) or 'nothing'})"
    if said.not_checked:
        caught += f"; not checked: {', '.join(said.not_checked)}"
    return fault.name, caught, explained(outcome), f"{outcome.seconds:.0f}"


def explained(outcome: Outcome) -> str:
    """Returns what of the explanation was right, in words."""
    asked = outcome.fault.explained_as
    if asked is None or not outcome.caught:
        return "-"
    parts = [asked.file] if asked.file.lower() in outcome.said.text.lower() else ["no file"]
    parts += [word if word.lower() in outcome.said.text.lower() else f"no {word!r}" for word in asked.words]
    if asked.first_step:
        parts.append("to the step" if outcome.to_the_step else "to no step")
    return ", ".join(parts)


def table(outcomes: Sequence[Outcome]) -> str:
    """Returns all rows, aligned."""
    rows = [HEAD, *(line(outcome) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def score(outcomes: Sequence[Outcome]) -> str:
    """Returns one sentence that counts."""
    planted = [one for one in outcomes if not one.fault.control]
    steps = [one for one in planted if one.fault.explained_as and one.fault.explained_as.first_step]
    return (
        f"{sum(o.caught for o in planted)} of {len(planted)} caught, "
        f"{sum(o.explained for o in planted)} explained to the file, "
        f"{sum(o.named for o in planted)} by their cause, "
        f"{sum(o.to_the_step for o in steps)} of {len(steps)} trainings to the first step; "
        f"false alarms: {', '.join(o.fault.name for o in outcomes if o.fault.control and o.caught) or 'none'}"
    )


def as_expected(outcome: Outcome, *, vary: str) -> bool:
    """Returns whether nothing went wrong: what is known to be caught was caught, and a control passed.

    `vary` is a list as the verifier takes it; a fault that also variations beside these catch may pass.
    """
    fault = outcome.fault
    if fault.control:
        unchecked = any(text.startswith("error: ") for text in outcome.said.not_checked)
        return not outcome.caught and not unchecked
    tried = {*BUILDS, *(VARIATIONS if vary == "all" else vary.split(","))}
    return outcome.caught or not fault.caught_by or not tried.issuperset(fault.caught_by)
