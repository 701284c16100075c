"""Attacks in which the right key signs a contract, an approval or a decision that does not hold."""

from tests.attacks.attack import Attack
from tests.attacks.claims import FORMAT, OTHER, SUBJECT, TYPE, again
from tests.attacks.predicates import FAILED, said
from tests.attacks.scene import Spoil, claimed, stated


def without(kind: str, member: str) -> Spoil:
    return claimed(lambda v: v["predicate"].pop(member), kind)


def typed(kind: str, predicate_type: str) -> Spoil:
    return claimed(lambda v: v.update(predicateType=predicate_type), kind)


def about(kind: str) -> Spoil:
    return claimed(lambda v: v["subject"][0].update(digest={"sha256": OTHER}), kind)


CONTRACTS = [
    ("contract-of-another", "the contract is about another bundle", SUBJECT, about("contract")),
    ("contract-no-owner", "the contract names no owner", FORMAT, without("contract", "owner")),
    ("contract-empty-tier", "the contract's tier is white space", FORMAT, said("contract", tier=" ")),
    ("contract-tiers", "the contract has two tiers", FORMAT, said("contract", tier=["high", "low"])),
    ("contract-long-owner", "the owner has 100,000 letters", FORMAT, said("contract", owner="x" * 10**5)),
    ("contract-approver", "the approvers are a text", FORMAT, said("contract", approvers="alice")),
    ("contract-approver-empty", "an approver has no name", FORMAT, said("contract", approvers=["alice", ""])),
    ("contract-approvers", "there are 101 approvers", FORMAT, said("contract", approvers=["alice"] * 101)),
    ("contract-member", "it has a member that the format has not", FORMAT, said("contract", waived=True)),
    ("contract-no-digest", "it names no contract.yaml", FORMAT, said("contract", contract_sha256=None)),
    (
        "contract-unknown-version",
        "it is of a newer format",
        TYPE,
        typed("contract", "urn:samebits:contract:v2"),
    ),
]
APPROVALS = [
    ("approval-of-another", "the approval is about another bundle", SUBJECT, about("approval")),
    ("approval-other-model", "the approval names another model", SUBJECT, said("approval", model="other")),
    ("approval-other-version", "it names another version", SUBJECT, said("approval", version="2.0.0")),
    ("approval-no-policy", "it is under no policy", FORMAT, without("approval", "policy")),
    ("approval-policy-empty", "its policy has no digest", FORMAT, said("approval", policy={"digest": {}})),
    (
        "approval-weak-policy",
        "its policy is named by a SHA-1",
        FORMAT,
        said("approval", policy={"digest": {"sha1": "00" * 20}}),
    ),
    (
        "approval-policy-capitals",
        "the policy's digest is in capitals",
        FORMAT,
        said("approval", policy={"digest": {"sha256": "AB" * 32}}),
    ),
    ("approval-no-time", "it does not say when", FORMAT, said("approval", approvedOn=None)),
    (
        "approval-impossible-time",
        "it was given on the 30th of February",
        FORMAT,
        said("approval", approvedOn="2026-02-30T00:00:00Z"),
    ),
    (
        "approval-local-time",
        "its time is of another zone",
        FORMAT,
        said("approval", approvedOn="2026-01-01T00:00:00+02:00"),
    ),
    ("approval-comment-list", "its comment is a list", FORMAT, said("approval", comment=["fine"])),
    ("approval-long-comment", "its comment is long", FORMAT, said("approval", comment="x" * 10**5)),
    ("approval-for-all", "it says that it is for every version", FORMAT, said("approval", versions="*")),
]
SUMMARIES = [
    ("summary-of-another", "the decision is about another bundle", SUBJECT, about("summary")),
    (
        "summary-failed",
        "a gate has refused the bundle",
        FAILED,
        said(
            "summary",
            verificationResult="FAILED",
            verifiedLevels=["FAILED"],
            samebits_reasons=["no-quorum"],
        ),
    ),
    (
        "summary-failed-level",
        "it passed with the level FAILED",
        FAILED,
        said("summary", verifiedLevels=["FAILED"]),
    ),
    (
        "summary-passed-with-reasons",
        "it passed, and gives a reason against it",
        FAILED,
        said("summary", samebits_reasons=["no-quorum"]),
    ),
    (
        "summary-nested",
        "its reasons are a thousand lists in each other",
        FAILED,
        stated(
            again(b'"samebits_reasons": []', b'"samebits_reasons": ' + b"[" * 930 + b"]" * 930), "summary"
        ),
    ),
    (
        "summary-terminal",
        "its reasons would write to the terminal",
        FAILED,
        said("summary", samebits_reasons=["\x1b[2J\u202e" * 9]),
    ),
    ("summary-no-result", "it has no result", FORMAT, without("summary", "verificationResult")),
    (
        "summary-small-letters",
        "its result is in small letters",
        FORMAT,
        said("summary", verificationResult="passed"),
    ),
    ("summary-no-levels", "it has no levels", FORMAT, without("summary", "verifiedLevels")),
    ("summary-no-policy", "it names no policy", FORMAT, without("summary", "policy")),
    (
        "summary-policy-name",
        "it has a name where the policy's digest belongs",
        FORMAT,
        said("summary", policy={"digest": {"sha256": "\x1b[2Jour policy"}}),
    ),
]
LISTS = [
    (
        "revocations-as-statement",
        "a signed list of revocations lies among the statements",
        TYPE,
        typed("approval", "urn:samebits:revocations:v1"),
    ),
    (
        "approval-as-contract",
        "an approval claims to be a contract",
        FORMAT,
        typed("approval", "urn:samebits:contract:v1"),
    ),
    (
        "result-as-approval",
        "an evaluation claims to be an approval",
        FORMAT,
        typed("evaluation", "urn:samebits:approval:v1"),
    ),
]
ATTACKS = [
    Attack(name=n, what=w, reason=r, spoil=s) for n, w, r, s in CONTRACTS + APPROVALS + SUMMARIES + LISTS
]
