"""What can be wrong before a deploy, and the reasons given: one change of a scene in which all is in order."""

from dataclasses import dataclass
from datetime import timedelta

from tests.gate.spoils import (
    LONG_AGO,
    Spoil,
    all_old,
    approved_by_author,
    approved_by_owner,
    contract_of,
    demanded,
    edited_metrics,
    failed_rebuild,
    file_of,
    fingerprint_of,
    from_another_bundle,
    native,
    one_operator,
    ordered,
    other_bits,
    pickled,
    rebuilt,
    released,
    released_by,
    renamed,
    repackaged,
    revoked,
    shown_as_low,
    tolerated,
    wheel_of,
    without,
)
from verifier import clock
from verifier.signing.reasons import Reason


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What is done, and every reason that is given for it."""

    name: str
    spoil: Spoil
    reasons: frozenset[Reason]


def refusal(name: str, spoil: Spoil, *reasons: Reason) -> Refusal:
    return Refusal(name=name, spoil=spoil, reasons=frozenset(reasons))


REFUSALS = [
    refusal("not-signed", without("signature"), Reason.NO_SIGNATURE),
    refusal("signed-by-stranger", lambda g: g.rebuild("stranger"), Reason.WRONG_SIGNER),
    refusal(
        "released-by-a-rebuilder",
        lambda g: released_by(g, "second"),
        Reason.WRONG_ROLE,
    ),
    refusal("no-contract", without("contract"), Reason.MISSING_STATEMENT),
    refusal("no-evaluation", without("evaluation"), Reason.MISSING_STATEMENT),
    refusal(
        "contract-by-rebuilder",
        lambda g: (g.forget(["contract"]), g.state("contract", contract_of(g), "second")),
        Reason.WRONG_ROLE,
    ),
    refusal("unknown-tier", lambda g: released(g, tier="none"), Reason.UNKNOWN_TIER),
    refusal("model-not-listed", ordered(lambda p: p.update(models={"other": "high"})), Reason.UNKNOWN_TIER),
    refusal("calls-itself-low", shown_as_low, Reason.WRONG_TIER),
    refusal(
        "two-contracts",
        lambda g: g.state("contract-2", contract_of(g, owner="dave"), "ci"),
        Reason.WRONG_TIER,
    ),
    refusal(
        "rebuild-failed", failed_rebuild, Reason.TEST_FAILED, Reason.MISSING_STATEMENT, Reason.NOT_VARIED
    ),
    refusal("within-tolerance-only", tolerated, Reason.LEVEL_NOT_REACHED, Reason.NO_QUORUM),
    refusal("native", repackaged(native), Reason.LEVEL_NOT_REACHED),
    refusal("not-varied", demanded(lambda t: t["variations"].append("locale")), Reason.NOT_VARIED),
    refusal(
        "one-rebuilder",
        lambda g: g.forget([file_of(g, "provenance-first-build", "second")]),
        Reason.NO_QUORUM,
    ),
    refusal("one-operator", ordered(one_operator), Reason.NO_QUORUM),
    refusal("one-party-with-two-keys", renamed, Reason.NO_QUORUM),
    refusal("old-rebuild", rebuilt("second", LONG_AGO), Reason.NO_QUORUM),
    refusal("all-old", all_old, Reason.NO_QUORUM, Reason.STALE),
    refusal(
        "built-tomorrow", rebuilt("second", -timedelta(days=1)), Reason.NO_QUORUM, Reason.FROM_THE_FUTURE
    ),
    refusal("other-bits", other_bits, Reason.DISAGREEMENT),
    refusal(
        "other-bits-where-the-platform-may-not",
        lambda g: other_bits(g, "second"),
        Reason.DISAGREEMENT,
        Reason.NO_QUORUM,
    ),
    refusal("not-approved", without("approval"), Reason.NOT_APPROVED),
    refusal("approved-by-its-releaser", approved_by_author, Reason.OWN_APPROVAL),
    refusal("approved-by-its-owner", approved_by_owner, Reason.OWN_APPROVAL),
    refusal(
        "approved-under-another-policy",
        lambda g: g.approve("alice", policy_sha256="0" * 64),
        Reason.NOT_APPROVED,
    ),
    refusal("approver-not-in-contract", lambda g: released(g, approvers=("bob",)), Reason.NOT_APPROVED),
    refusal(
        "approver-not-in-policy",
        demanded(lambda t: t.update(approvals={"count": 1, "by": ["bob"]})),
        Reason.NOT_APPROVED,
    ),
    refusal("approved-twice", demanded(lambda t: t["approvals"].update(count=2)), Reason.NOT_APPROVED),
    refusal(
        "approved-tomorrow",
        lambda g: g.approve("alice", time=clock.now() + timedelta(days=1)),
        *(Reason.FROM_THE_FUTURE, Reason.NOT_APPROVED),
    ),
    refusal("approval-of-another-bundle", from_another_bundle, Reason.WRONG_SUBJECT, Reason.NOT_APPROVED),
    refusal("pickle", repackaged(pickled), Reason.PICKLE),
    refusal("format", demanded(lambda t: t.update(formats=["safetensors", "json"])), Reason.FORMAT),
    refusal("licence", demanded(lambda t: t.update(licences=["NOASSERTION"])), Reason.LICENCE),
    refusal(
        "metric", demanded(lambda t: t.update(metrics=[{"name": "accuracy", "minimum": 0.9}])), Reason.METRIC
    ),
    refusal(
        "metric-missing",
        demanded(lambda t: t.update(metrics=[{"name": "f1", "minimum": 0.1}])),
        Reason.METRIC,
    ),
    refusal(
        "revoked-weights",
        lambda g: revoked(g, g.contents.files["weights/model.safetensors"].sha256.hex()),
        Reason.REVOKED,
    ),
    refusal("revoked-bundle", lambda g: revoked(g, g.contents.root), Reason.REVOKED),
    refusal("revoked-wheel", lambda g: revoked(g, wheel_of(g)), Reason.REVOKED),
    refusal(
        "revoked-rebuilder",
        lambda g: g.revoke(signers=[{"key": fingerprint_of("second"), "reason": "stolen"}]),
        *(Reason.REVOKED, Reason.NO_QUORUM),
    ),
    refusal(
        "revoked-derivation",
        lambda g: g.revoke(derivations=[{"path": "/nix/store/tiny.drv", "reason": "a back door"}]),
        *(Reason.REVOKED, Reason.NO_QUORUM, Reason.STALE, Reason.MISSING_STATEMENT),
    ),
    refusal("no-list", lambda g: g.revocations.rename(g.folder / "hidden"), Reason.STALE_REVOCATIONS),
    refusal("old-list", lambda g: g.revoke(issued=clock.now() - timedelta(days=8)), Reason.STALE_REVOCATIONS),
    refusal(
        "list-of-tomorrow", lambda g: g.revoke(issued=clock.now() + timedelta(days=1)), Reason.FROM_THE_FUTURE
    ),
    refusal("list-by-ci", lambda g: g.revoke("ci"), Reason.WRONG_ROLE),
    refusal("list-by-stranger", lambda g: g.revoke("stranger"), Reason.WRONG_SIGNER),
    refusal("edited-bundle", edited_metrics, Reason.CONTENTS_DIFFER),
]


def table() -> str:
    """All refusals, in Markdown."""
    rows = [(one.name, ", ".join(f"`{reason}`" for reason in sorted(one.reasons))) for one in REFUSALS]
    lines = [f"| `{name}` | {reasons} |" for name, reasons in rows]
    return "\n".join(["| what is wrong | reasons |", "| --- | --- |", *lines])
