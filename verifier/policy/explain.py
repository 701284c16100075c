"""A policy in sentences: who is who, what each tier demands, and which exceptions are open."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum

from verifier.clock import shown
from verifier.explain.bounded import shortened
from verifier.policy.terms import Floor, Level, Party, Policy, Quorum, Revoking, Sampling, Tier, Waiver
from verifier.signing.keys import fingerprint

SOON = timedelta(days=14)
# More than this in one sentence nobody reads.
MOST_LETTERS = 300
SHOWN_DIGITS = 12
# These a gate asks for whatever a tier's `statements` say: all files, the tier itself, and when it was built.
ALWAYS = ("signature", "contract", "provenance")
LEVELS = {
    Level.BITWISE: "Builds must agree in every bit, under the profile portable.",
    Level.PER_PLATFORM: "Builds must agree in every bit; a rebuilder on another platform may have other bits.",
    Level.TOLERANCE: "Builds must agree as far as the contract tolerates; other bits are no refusal.",
}


class State(StrEnum):
    """How long an exception still holds."""

    OPEN = "open"
    SOON = "expires soon"
    EXPIRED = "expired"


def state_of(waiver: Waiver, today: date) -> State:
    """Returns whether an exception holds on a day; it holds until the end of the day on which it expires."""
    if waiver.expires < today:
        return State.EXPIRED
    return State.SOON if waiver.expires - today <= SOON else State.OPEN


def party_sentence(party: Party) -> str:
    """Returns who somebody is: by what they sign, and whose machines they have."""
    signs = [f"the key {fingerprint(key)[:SHOWN_DIGITS]}…" for key in party.keys]
    signs += [f"a certificate for {one.signer} by {one.issuer}" for one in party.certificates]
    where = f" on {party.platform}" if party.platform else ""
    machines = f"; {party.operator} runs its machines{where}" if party.operator else ""
    return f"signs with {_words(signs, 'or')}{machines}."


def tier_sentences(tier: Tier, policy: Policy) -> Iterator[str]:
    """Yields what a tier demands, a sentence each, in the order in which a gate asks for it."""
    yield f"{_words(tier.sign, 'or') or 'Nobody'} may release: sign all files, the contract and the evaluation."
    wanted = dict.fromkeys((*ALWAYS, *tier.statements))
    yield f"There must be these statements: {_words(list(wanted), 'and')}."
    yield LEVELS[tier.level]
    yield _by_sample(tier.by_sample)
    under = _words(tier.variations, "and")
    yield f"A rebuild must have passed under {under}." if under else "No variation need have been tried."
    yield _rebuilders(tier.rebuilders, policy)
    yield f"It must have been built within the last {shown(tier.verified_within)}."
    yield _approvals(tier.approvals)
    kinds = _words(tier.formats, "or") or "of no kind"
    yield f"Files may be {kinds}; weights must be safetensors, and no file a pickle."
    yield f"Licences may be {_licences(tier.licences)}."
    yield from map(_floor, tier.metrics)
    if tier.rollback_refused:
        yield "A version older than the last that its channel got is refused; a ledger must know which that was."
    else:
        yield "An older version may follow a newer one."


def revoking_sentence(demanded: Revoking | None) -> str:
    """Returns which list of revocations is asked for, if any."""
    if demanded is None:
        return "No list of revocations is asked for."
    who = _words(demanded.by, "or") or "nobody"
    return f"A list of revocations signed by {who} must be named, at most {shown(demanded.max_age)} old."


def waiver_sentence(waiver: Waiver, today: date) -> str:
    """Returns what an exception lets pass, for how long still, by whom and why."""
    left = (waiver.expires - today).days
    when = f"expired on {waiver.expires}" if left < 0 else f"holds until {waiver.expires}, {left_words(left)}"
    which = f" {waiver.version}" if waiver.version else " in every version"
    bytes_ = f" with the bytes {waiver.bundle[:SHOWN_DIGITS]}…" if waiver.bundle else ""
    lets = _words(sorted(waiver.reasons), "or")
    why = waiver.why.strip().rstrip(".")
    what = f"lets {waiver.model}{which}{bytes_} pass in spite of {lets}"
    return f"{what}; it {when}. {waiver.approver} gave it: {why} ({waiver.link})."


def models_of(tier: Tier, policy: Policy) -> list[str]:
    """Returns the models that the policy says are of a tier; none are where it leaves that to contracts."""
    return [model for model, name in policy.models.items() if name == tier.name]


def _licences(allowed: Sequence[str]) -> str:
    """Returns those that are allowed; of many, or long ones, how many there are and how they begin."""
    words = _words(allowed, "or")
    if len(words) <= MOST_LETTERS:
        return words or "none"
    return f"any of {len(allowed)}, from {shortened(allowed[0], 40)} to {shortened(allowed[-1], 40)}"


def left_words(days: int) -> str:
    """Returns how far away a day is, in words."""
    return "the end of today" if days == 0 else f"{days} day{'' if days == 1 else 's'} from today"


def _by_sample(sampling: Sampling | None) -> str:
    if sampling is None:
        return "A rebuild by sample counts for nothing."
    share, passes = sampling.false_chunks * 100, sampling.passes
    return f"A rebuild by sample counts where a claim with {share:g} % false chunks passes in at most {passes:g}."


def _rebuilders(quorum: Quorum, policy: Policy) -> str:
    if quorum.count == 0:
        return "No rebuilder need have built the same."
    named = [f"{name} ({policy.parties[name].operator or 'of no operator'})" for name in quorum.of]
    who = f"{quorum.count} of {_words(named, 'and')}"
    return f"{who} must have built the same bits; those of one operator count once."


def _approvals(quorum: Quorum) -> str:
    if quorum.count == 0:
        return "Nobody need approve it."
    who = f"{quorum.count} of {_words(quorum.of, 'and')} must approve it under this very policy"
    return f"{who}: of those whom the contract names too, and who neither released nor own it."


def _floor(floor: Floor) -> str:
    limits = [] if floor.minimum is None else [f"at least {floor.minimum!r}"]
    limits += [] if floor.maximum is None else [f"at most {floor.maximum!r}"]
    return f"{floor.metric} must be {_words(limits, 'and') or 'there'}."


def _words(words: Sequence[str], last: str) -> str:
    """Returns a list as it is said: `a, b and c`."""
    *before, end = words or [""]
    return f"{', '.join(before)} {last} {end}" if before else end
