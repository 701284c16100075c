"""All that is said of a bundle, by whom: each statement with the party of the policy that signed it.

1. Every file beside the bundle is a statement, signed by a party of the policy (signing/verify.py).
2. No signer of one is revoked, at any time at which it can have been signed.
3. It is about this bundle; or it is a rebuilder's provenance of the same version with other bits, a disagreement.
4. It is of a known kind, and what it says holds for the bundle.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from verifier.policy.terms import Party, Policy
from verifier.signing import provenance
from verifier.signing.contents import Contents
from verifier.signing.provenance import provenance_facts
from verifier.signing.reasons import Reason, Refused
from verifier.signing.revocations import RevocationList
from verifier.signing.signers import CertificatePin, CertificateVerifier, KeyPin, Pin
from verifier.signing.statement import Statement
from verifier.signing.times import signing_times_of
from verifier.signing.verify import STATEMENT, Proven, read_both, refusal_row, said_of
from verifier.signing.watch import Watch
from verifier.verdict import Row


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement about this bundle that holds; what it counts for depends on the role of its party."""

    file: str
    party: Party
    kind: str
    said: str
    statement: Statement


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """A provenance of the same model and version, with other bits: their root digest is `sha256`."""

    file: str
    sha256: str
    party: Party


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The bundle, what is said of it, who built other bits, and the rows of statements that are refused."""

    contents: Contents
    claims: tuple[Claim, ...]
    disagreements: tuple[Disagreement, ...]
    refused: tuple[Row, ...]
    inputs: Mapping[str, str]

    def of(self, kind: str, parties: Sequence[str]) -> Iterator[Claim]:
        """Yields the claims of one kind that these parties made."""
        return (c for c in self.claims if c.kind == kind and c.party.name in parties)


@dataclass(frozen=True, kw_only=True)
class Parties:
    """All who may sign something: their pins, and whose each is, by the pin's identifier."""

    pins: tuple[Pin, ...]
    owners: Mapping[str, Party]

    def of(self, pin: Pin) -> Party:
        """Returns whose pin it is."""
        return self.owners[pin.identifier]


def parties_of(policy: Policy, verify: CertificateVerifier | None) -> Parties:
    """Returns the parties of a policy; `verify` proves certificates, and is there where a party has any."""
    found: list[tuple[Pin, Party]] = []
    for party in policy.parties.values():
        found += [(KeyPin(key=key), party) for key in party.keys]
        for one in party.certificates:
            assert verify is not None
            pin = CertificatePin(signer=one.signer, issuer=one.issuer, verify=verify)
            found.append((pin, party))
    pins = tuple(pin for pin, _ in found)
    return Parties(pins=pins, owners={pin.identifier: party for pin, party in found})


def gather(
    bundle: Path,
    statements: Path,
    parties: Parties,
    revoked: RevocationList | None,
    watch: Watch | None = None,
) -> Evidence:
    """Reads the bundle and all statements in the folder `statements`.

    Raises:
        Refused: the folder is no bundle, or not what its manifest lists.
        BadInput: there is no such folder.
        CouldNotCheck: something cannot be read.
    """
    contents, found = read_both(bundle, statements, parties.pins, watch or Watch())
    judged: list[Claim | Disagreement] = []
    refused: list[Row] = []
    for one in found:
        if isinstance(one, Row):
            refused.append(one)
            continue
        try:
            judged.append(_judge(one, parties.of(one.pin), contents, revoked))
        except Refused as refusal:
            refused.append(refusal_row(STATEMENT, one.name, refusal))
    return Evidence(
        contents=contents,
        claims=tuple(one for one in judged if isinstance(one, Claim)),
        disagreements=tuple(one for one in judged if isinstance(one, Disagreement)),
        refused=tuple(refused),
        inputs={one.name: one.signed.sha256 for one in found if isinstance(one, Proven)},
    )


def _judge(
    proven: Proven, party: Party, contents: Contents, revoked: RevocationList | None
) -> Claim | Disagreement:
    _refuse_revoked(proven, revoked)
    other = _disagreement(proven, party, contents)
    if other is not None:
        return other
    kind, said = said_of(proven.statement, contents)
    return Claim(
        file=proven.name,
        party=party,
        kind=kind,
        said=said,
        statement=proven.statement,
    )


def _refuse_revoked(proven: Proven, revoked: RevocationList | None) -> None:
    if revoked is None:
        return
    why = revoked.signer_revoked(proven.pin.identifier, signing_times_of(proven.signed))
    if why is not None:
        raise Refused(Reason.REVOKED, f"its signer, {proven.pin.label}, is revoked: {why}")
    if proven.statement.predicate_type == provenance.PREDICATE_TYPE:
        derivation = provenance_facts(proven.statement).derivation
        why = revoked.derivation_revoked(derivation)
        if why is not None:
            raise Refused(Reason.REVOKED, f"the derivation that it was built from is revoked: {why}")


def _disagreement(proven: Proven, party: Party, contents: Contents) -> Disagreement | None:
    """Returns what a provenance of this model and version says if it has other bits."""
    statement = proven.statement
    if statement.predicate_type != provenance.PREDICATE_TYPE:
        return None
    if statement.sha256 in (contents.root, contents.manifest):
        return None
    facts = provenance_facts(statement)
    if (facts.model, facts.version) != (contents.name, contents.version):
        return None  # about another bundle, which said_of says
    return Disagreement(file=proven.name, sha256=statement.sha256, party=party)
