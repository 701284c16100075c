"""What entries of the ledger say, by their kind."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

from verifier.clock import rfc3339
from verifier.gate.decide import Decision
from verifier.ledger.entries import ADMISSION, EXCEPTION, REFUSAL, REVOCATIONS, Json
from verifier.report.printable import printable
from verifier.signing.contents import Contents
from verifier.signing.revocations import RevocationList, SeenList

# Of a source, what is asked for later: which models contain it?
NAMED = ("name", "version", "kind", "file", "url", "sha256", "licence")


def decision_entries(decision: Decision, newest_list: SeenList | None) -> Iterator[tuple[str, str, Json]]:
    """Yields kind, subject and body of all that a decision writes down; the decision itself is the last.

    `newest_list` is the newest list of revocations that is written down already.
    """
    contents, examined = decision.contents, decision.examined
    subject = contents.name if contents else printable(examined.bundle.name)
    if examined.revoked is not None and (newest_list is None or examined.revoked.number > newest_list.number):
        yield REVOCATIONS, "revocations", _list(examined.revoked)
    for one in decision.waivers:
        body = {"id": one.identifier, "model": one.model, "why": one.why, "approver": one.approver}
        used: Json = {**body, "expires": str(one.expires), "link": one.link, "reasons": sorted(one.reasons)}
        yield EXCEPTION, subject, {**used, "bundle": contents.identifier if contents else None}
    yield ADMISSION if decision.verification.verified else REFUSAL, subject, _decision(decision)


def _list(found: RevocationList) -> Json:
    return {"number": found.number, "issued": rfc3339(found.issued), "sha256": found.sha256}


def _decision(decision: Decision) -> Json:
    contents, examined = decision.contents, decision.examined
    body: dict[str, object] = {
        "channel": decision.channel,
        "policy_sha256": examined.policy.sha256,
        "tier": examined.tier.name if examined.tier else None,
        "levels": list(decision.levels),
        "exceptions": [one.identifier for one in decision.waivers],
        "reasons": list(decision.reasons),
        "signers": list(decision.verification.signers),
        "statements": dict(examined.evidence.inputs) if examined.evidence else {},
    }
    return {**body, **(bundle_body(contents) if contents else {})}


def bundle_body(contents: Contents) -> Json:
    """Returns what an entry says of a bundle: who it is, and all that it was made from."""
    documents = contents.documents
    sources = [
        *cast(Sequence[Mapping[str, object]], documents["toolchain"]["sources"]),
        *cast(Sequence[Mapping[str, object]], documents["data"]["sources"]),
    ]
    return {
        "version": contents.version,
        "identifier": contents.identifier,
        "root_sha256": contents.root,
        "manifest_sha256": contents.manifest,
        "sources": [{name: one[name] for name in NAMED if name in one} for one in sources],
    }


def approval_body(contents: Contents, party: str, policy_sha256: str, comment: str, time: datetime) -> Json:
    """Returns what an entry says of an approval."""
    return {
        "version": contents.version,
        "identifier": contents.identifier,
        "root_sha256": contents.root,
        "party": party,
        "policy_sha256": policy_sha256,
        "comment": comment,
        "approved_on": rfc3339(time),
    }
