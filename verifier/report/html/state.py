"""What a check of a model came to, in one word, and how that word looks: never by its colour alone."""

from enum import StrEnum

from verifier.site.records import Outcome
from verifier.verdict import BY_SAMPLE, Status, Verdict


class State(StrEnum):
    """The word on a badge."""

    FAILED = "failed"
    NOT_VERIFIED = "not verified"
    NOT_CHECKED = "not checked"
    UNKNOWN = "never checked"
    SAMPLED = "verified by sample"
    WARNED = "verified, warns"
    VERIFIED = "verified"

    @property
    def look(self) -> str:
        """Which icon and colour go with it."""
        return LOOKS[self]

    @property
    def rank(self) -> int:
        """What wants attention first has the lowest."""
        return list(State).index(self)


LOOKS = {
    State.FAILED: "bad",
    State.NOT_VERIFIED: "bad",
    State.NOT_CHECKED: "idle",
    State.UNKNOWN: "none",
    State.SAMPLED: "warn",
    State.WARNED: "warn",
    State.VERIFIED: "good",
}
ROW_LOOKS = {Status.PASSED: "good", Status.FAILED: "bad", Status.NOT_CHECKED: "idle"}


def state_of_verdict(verdict: Verdict) -> State:
    """Returns the state of a verdict."""
    if verdict.verified:
        return State.WARNED if verdict.warned else State.VERIFIED
    if verdict.passed:
        return State.SAMPLED
    failed = any(row.status is Status.FAILED for row in verdict.rows)
    return State.FAILED if failed else State.NOT_CHECKED


def state_of(outcome: Outcome | None) -> State:
    """Returns the state after a check; of a ledger's entry alone nobody can tell whether a check failed."""
    if outcome is None:
        return State.UNKNOWN
    if outcome.verdict is not None:
        return state_of_verdict(outcome.verdict)
    if outcome.trouble is not None:
        return State.NOT_CHECKED
    if outcome.level == BY_SAMPLE and not outcome.not_passed:
        return State.SAMPLED
    return State.VERIFIED if outcome.verified else State.NOT_VERIFIED
