"""`verifier verify --policy`: the steps of the decision, in order.

1. The list of revocations is signed by whom the policy names.
2. The folder is a bundle, and its files are what the manifest lists.
3. Every statement is signed by a party of the policy, whom nothing revokes, and holds (evidence.py).
4. The contract names the tier, and the policy the tier's demands (tier.py).
5. The statements that the tier demands are there, by those whose role they are (statements.py).
6. Builds agree, under the demanded variations, by enough rebuilders, lately (rebuilds.py).
7. Enough people approved it who did not release it (approvals.py).
8. What is in it is allowed, good enough, and not revoked (inside.py); the list of revocations is of now.
9. The channel goes forward (rollback.py).
10. Exceptions are applied, and the rest decides (waivers.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from verifier.gate.approvals import approval_rows
from verifier.gate.case import SIGNATURE, Case, parties_for
from verifier.gate.evidence import Evidence, Parties, gather
from verifier.gate.inside import format_rows, inside_rows, revoked_row
from verifier.gate.rebuilds import age_rows, level_row, levels_of, quorum_rows, variations_row
from verifier.gate.revoked import read_revocations, refuse_stale
from verifier.gate.rollback import Last, rollback_row
from verifier.gate.statements import statement_rows
from verifier.gate.tier import tier_of
from verifier.gate.waivers import waived
from verifier.policy.terms import Policy, Tier, Waiver
from verifier.signing.contents import Contents
from verifier.signing.reasons import Refused
from verifier.signing.revocations import RevocationList, SeenList
from verifier.signing.verify import Verification, passed_row, refusal_row
from verifier.signing.watch import Watch
from verifier.verdict import Row, Status, amount


@dataclass(frozen=True, kw_only=True)
class Examined:
    """All that is known of a bundle before the ledger is asked; `evidence` is set if it is a bundle.

    `tier` is set if its contract names one.
    """

    bundle: Path
    policy: Policy
    rows: tuple[Row, ...]
    now: datetime
    evidence: Evidence | None = None
    tier: Tier | None = None
    revoked: RevocationList | None = None
    signers: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What the gate came to. `levels` is empty where the bundle is refused; `waivers` are those that were used."""

    verification: Verification
    examined: Examined
    channel: str
    levels: tuple[str, ...]
    waivers: tuple[Waiver, ...]

    @property
    def contents(self) -> Contents | None:
        """The bundle, if its files are what its manifest lists."""
        return self.examined.evidence.contents if self.examined.evidence else None

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes of all refusals, each once, in the order of the rows."""
        failed = (row for row in self.verification.rows if row.status is not Status.PASSED)
        return tuple(dict.fromkeys(str(row.reason) for row in failed))


def examine(
    bundle: Path,
    statements: Path,
    policy: Policy,
    parties: Parties,
    list_file: Path | None,
    now: datetime,
    watch: Watch | None = None,
) -> Examined:
    """Takes steps 1 to 8, save for the age of the list of revocations.

    Raises:
        BadInput: there is no such folder, or a list that nobody may sign.
        CouldNotCheck: something cannot be read.
    """
    rows: list[Row] = []
    revoked = None
    try:
        revoked = read_revocations(list_file, policy, parties)
    except Refused as refused:
        rows.append(refusal_row("revocations", str(list_file or policy.path.name), refused))
    try:
        evidence = gather(bundle, statements, parties, revoked, watch)
    except Refused as refused:
        rows.append(refusal_row("files", bundle.name, refused))
        return Examined(bundle=bundle, policy=policy, rows=tuple(rows), now=now, revoked=revoked)
    contents = evidence.contents
    files = amount(len(contents.files) - 1, contents.size)
    rows += [passed_row("files", files, "as the manifest lists them"), *evidence.refused]
    found = Examined(
        bundle=bundle, policy=policy, rows=tuple(rows), now=now, evidence=evidence, revoked=revoked
    )
    try:
        tier, ownership = tier_of(evidence, policy)
    except Refused as refused:
        return replace(found, rows=(*rows, refusal_row("tier", contents.identifier, refused)))
    case = Case(folder=bundle, evidence=evidence, policy=policy, tier=tier, ownership=ownership, now=now)
    rows.append(passed_row("tier", tier.name, f"as the contract says; {ownership.owner} owns the model"))
    rows += _demands(case, revoked)
    signers = dict.fromkeys(c.party.name for c in evidence.of(SIGNATURE, parties_for(SIGNATURE, tier)))
    return replace(found, rows=tuple(rows), tier=tier, signers=tuple(signers), levels=levels_of(case))


def _demands(case: Case, revoked: RevocationList | None) -> Iterator[Row]:
    yield from statement_rows(case)
    yield level_row(case)
    yield variations_row(case)
    yield from quorum_rows(case)
    yield from age_rows(case)
    yield from approval_rows(case)
    yield from inside_rows(case)
    if revoked is not None:
        yield revoked_row(case.evidence, revoked)


def decide(
    found: Examined, channel: str, last: Last | None, *, recorded: bool, newest_list: SeenList | None = None
) -> Decision:
    """Takes the last steps: `last` is what the channel has, `newest_list` the newest list of revocations seen."""
    rows, used = list(found.rows), list[Waiver]()
    demanded = found.policy.revocations
    if found.revoked is not None and demanded is not None:
        try:
            refuse_stale(found.revoked, demanded, newest_list, found.now)
        except Refused as refused:
            rows.append(refusal_row("revocations", f"list {found.revoked.number}", refused))
    contents = found.evidence.contents if found.evidence else None
    if contents is not None:
        if found.tier is not None and found.tier.rollback_refused:
            rows.append(rollback_row(contents, channel, last, recorded=recorded))
        rows, used = waived(rows, found.policy, contents, found.now.date())
    verification = Verification(
        path=str(found.bundle),
        identifier=contents.identifier if contents else None,
        rows=tuple(rows),
        signers=found.signers,
    )
    return Decision(
        verification=verification,
        examined=found,
        channel=channel,
        levels=found.levels if verification.verified else (),
        waivers=tuple(used),
    )


def reexamined(found: Examined, copy: Path) -> Examined:
    """Returns the same of a private copy of the verified bytes: nobody can have shown other files meanwhile."""
    if found.evidence is None or found.tier is None:
        return found
    anew = {row.check: row for row in format_rows(copy, found.evidence.contents, found.tier)}
    return replace(found, rows=tuple(anew.get(row.check, row) for row in found.rows))


def hopeless(found: Examined) -> bool:
    """Returns whether it is refused whatever the ledger says, so that nothing need be copied."""
    return not decide(found, "", None, recorded=True).verification.verified
