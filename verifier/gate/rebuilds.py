"""Who built the same bits, how far they agree, and when.

A rebuild counts where a rebuilder of the tier signed a provenance of this bundle that is not too old. Rebuilders
of one operator count once: whoever runs both machines can lie twice. Only where two operators agree is more shown
than that the build is deterministic: SLSA_BUILD_REPRODUCED.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from verifier.chain.sample import chance, false_chunks
from verifier.clock import SKEW, rfc3339, shown
from verifier.gate.case import PROVENANCE, REBUILD, Case
from verifier.gate.evidence import Claim, Disagreement
from verifier.policy.terms import Level, Party, Tier
from verifier.signing.provenance import provenance_facts
from verifier.signing.reasons import Reason, Refused
from verifier.signing.results import DETERMINISTIC, SAMPLED, WITHIN_TOLERANCE, rebuild_facts
from verifier.signing.results import Rebuilt as Rebuild
from verifier.signing.verify import passed_row, refusal_row
from verifier.verdict import Row, Sample

REPRODUCED = "SLSA_BUILD_REPRODUCED"
PROFILE, PORTABLE = "SAMEBITS_PROFILE", "portable"
ENOUGH_FOR_REPRODUCED = 2


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """A rebuild by a party, and when it was finished."""

    party: Party
    finished: datetime


def rebuilds_of(case: Case, parties: Sequence[str]) -> list[Rebuilt]:
    """Returns what these parties say they built, the newest of each alone, the future left out."""
    newest: dict[str, Rebuilt] = {}
    for claim in case.evidence.of(PROVENANCE, parties):
        finished = provenance_facts(claim.statement).finished
        known = newest.get(claim.party.name)
        if finished <= case.now + SKEW and (known is None or finished > known.finished):
            newest[claim.party.name] = Rebuilt(party=claim.party, finished=finished)
    return list(newest.values())


def agreeing(case: Case) -> dict[str, Rebuilt]:
    """Returns the rebuilds that count, one an operator, by the operator."""
    oldest = case.now - case.tier.verified_within
    counted: dict[str, Rebuilt] = {}
    for one in rebuilds_of(case, case.tier.rebuilders.of):
        if one.party.operator is not None and one.finished >= oldest:
            counted.setdefault(one.party.operator, one)
    return counted


def levels_of(case: Case) -> tuple[str, ...]:
    """Returns what is shown of the builds, in the words of a verification summary."""
    said = {one.level for one in _counted(case)}
    operators = len(agreeing(case))
    if operators >= ENOUGH_FOR_REPRODUCED:
        said.add(DETERMINISTIC)
    reproduced = operators >= ENOUGH_FOR_REPRODUCED and not case.evidence.disagreements
    best = next((level for level in (DETERMINISTIC, SAMPLED, WITHIN_TOLERANCE) if level in said), None)
    return (*([best] if best else []), *([REPRODUCED] if reproduced else []))


def _counted(case: Case) -> Iterator[Rebuild]:
    """Yields what rebuilds say; those by sample only where they show what the tier demands."""
    for claim in _results(case):
        facts = rebuild_facts(claim.statement)
        if facts.sample is None or not sample_fault(facts.sample, case.tier):
            yield facts


def sample_fault(sample: Sample, tier: Tier) -> str:
    """Returns why a rebuild by sample does not count in a tier; nothing where it does."""
    wanted = tier.by_sample
    if wanted is None:
        return "the tier takes no rebuild by sample"
    if not sample.fresh:
        return "the nonce of its sample was given, so that whoever made the claim may have known it"
    passes = chance(len(sample.chunks), sample.of, false_chunks(sample.of, wanted.false_chunks))
    if passes > wanted.passes:
        return (
            f"a claim with {wanted.false_chunks * 100:g} % false chunks passes its sample with {passes:.2g}"
        )
    return ""


def _results(case: Case) -> Iterator[Claim]:
    return case.evidence.of(REBUILD, case.may_make(REBUILD))


def level_row(case: Case) -> Row:
    """Returns the row that says whether the builds agree as far as the tier demands."""
    wanted, levels = case.tier.level, levels_of(case)
    profile = _profile(case)
    if (wanted is not Level.TOLERANCE and not {DETERMINISTIC, SAMPLED} & set(levels)) or not levels:
        what = f"no rebuild shows more than {levels[0]}" if levels else "no rebuild says how far builds agree"
        what = "; ".join([what, *dict.fromkeys(_uncounted_samples(case))])
        return refusal_row("level", wanted, Refused(Reason.LEVEL_NOT_REACHED, what))
    if wanted is Level.BITWISE and profile != PORTABLE:
        why = f"it was built under the profile {profile!r}, whose bits are equal on one kind of machine alone"
        return refusal_row("level", wanted, Refused(Reason.LEVEL_NOT_REACHED, why))
    return passed_row("level", wanted, ", ".join(levels))


def _uncounted_samples(case: Case) -> Iterator[str]:
    for claim in _results(case):
        sample = rebuild_facts(claim.statement).sample
        if sample is not None and sample_fault(sample, case.tier):
            yield sample_fault(sample, case.tier)


def _profile(case: Case) -> str:
    environment = case.evidence.contents.documents["toolchain"]["environment"]
    return str(environment.get(PROFILE, "")) if isinstance(environment, Mapping) else ""


def variations_row(case: Case) -> Row:
    """Returns the row that says whether every demanded variation passed in a rebuild that counts."""
    passed = {name for one in _counted(case) for name in one.variations}
    missing = [name for name in case.tier.variations if name not in passed]
    subject = f"{len(case.tier.variations)} demanded"
    if missing:
        what = f"no rebuild passed under {', '.join(missing)}"
        return refusal_row("variations", subject, Refused(Reason.NOT_VARIED, what))
    return passed_row("variations", subject, ", ".join(case.tier.variations) or "none is demanded")


def quorum_rows(case: Case) -> Iterator[Row]:
    """Yields the row that counts rebuilders, and one for each that has other bits."""
    quorum, counted = case.tier.rebuilders, agreeing(case)
    subject = f"{quorum.count} demanded, of {len(quorum.of)}"
    names = ", ".join(f"{one.party.name} ({operator})" for operator, one in counted.items()) or "nobody"
    said = f"{len(counted)} agree: {names}"
    if len(counted) < quorum.count:
        yield refusal_row("quorum", subject, Refused(Reason.NO_QUORUM, f"{said}{_uncounted(case, counted)}"))
    else:
        yield passed_row("quorum", subject, said)
    for one in case.evidence.disagreements:
        yield _disagreement_row(one, case, counted)


def _uncounted(case: Case, counted: Mapping[str, Rebuilt]) -> str:
    """Returns why rebuilds that are there do not count."""
    why = []
    for one in rebuilds_of(case, case.tier.rebuilders.of):
        if one in counted.values():
            continue
        if one.party.operator is None:
            why.append(f"{one.party.name} has no operator in the policy")
        elif one.finished < case.now - case.tier.verified_within:
            why.append(f"{one.party.name} built it on {rfc3339(one.finished)}, too long ago")
        else:
            why.append(f"{one.party.name} is of {one.party.operator} too, which counts once")
    return f"; {'; '.join(why)}" if why else ""


def _disagreement_row(one: Disagreement, case: Case, counted: Mapping[str, Rebuilt]) -> Row:
    here = case.evidence.contents.root[:12]
    who = ", ".join(rebuilt.party.name for rebuilt in counted.values()) or "no rebuilder"
    where = f" on {one.party.platform}" if one.party.platform else ""
    said = f"{one.party.name} built {one.sha256[:12]}{where}, {who} built {here}"
    others = {rebuilt.party.platform for rebuilt in counted.values()}
    elsewhere = one.party.platform is not None and one.party.platform not in others and counted
    if case.tier.level is Level.TOLERANCE or (case.tier.level is Level.PER_PLATFORM and elsewhere):
        allowed = passed_row("quorum", one.file, f"{said}; the level {case.tier.level} allows that")
        return replace(allowed, warned=True)
    return refusal_row("quorum", one.file, Refused(Reason.DISAGREEMENT, said))


def age_rows(case: Case) -> Iterator[Row]:
    """Yields the row about the newest build, and one for each that was finished in the future."""
    allowed = case.tier.verified_within
    subject = f"at most {shown(allowed)}"
    for claim in case.evidence.of(PROVENANCE, case.may_make(PROVENANCE)):
        finished = provenance_facts(claim.statement).finished
        if finished > case.now + SKEW:
            what = f"it says that the build was finished on {rfc3339(finished)}; now is {rfc3339(case.now)}"
            yield refusal_row("age", claim.file, Refused(Reason.FROM_THE_FUTURE, what))
    times = [one.finished for one in rebuilds_of(case, case.may_make(PROVENANCE))]
    if not times:
        what = "no provenance that counts says when it was built"
        yield refusal_row("age", subject, Refused(Reason.STALE, what))
    elif max(times) < case.now - allowed:
        what = f"it was last built on {rfc3339(max(times))}"
        yield refusal_row("age", subject, Refused(Reason.STALE, what))
    else:
        yield passed_row("age", subject, f"last built on {rfc3339(max(times))}")
