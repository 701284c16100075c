"""Contracts, approvals, decisions, and what a gate reads of rebuilds; the attacks on them are in tests/attacks."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attacks.scene import OWNERSHIP, VERDICT
from tests.unit.bundles import write_bundle
from tests.unit.test_signing_statements import JSON
from verifier.signing import approvals, contracts, provenance, results, summaries
from verifier.signing.contents import Contents, read_contents
from verifier.signing.reasons import Reason, Refused
from verifier.signing.statement import Statement, parse_statement, statement_bytes
from verifier.signing.verify import said_of

POLICY = "1" * 64
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
VARIED = [
    {"check": "variation", "subject": name, "status": status, "first": "", "second": "built here"}
    for name, status in (("clock", "passed"), ("cores", "not checked"), ("several at once", "passed"))
]
MEMBERS = sorted(contracts.MEMBERS | approvals.MEMBERS | {"verificationResult", "verifiedLevels"})


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    return read_contents(write_bundle(tmp_path_factory.mktemp("bundle") / "tiny"))


def again(statement: Statement) -> Statement:
    """The statement as who gets it reads it."""
    return parse_statement(statement_bytes(statement))


def decision(contents: Contents, **changed: object) -> summaries.Summary:
    said = summaries.Summary(
        name=contents.identifier,
        sha256=contents.root,
        policy="policy.yaml",
        policy_sha256=POLICY,
        time=NOON,
        channel="production",
        tier="high",
        levels=["DETERMINISTIC", "SLSA_BUILD_REPRODUCED"],
        reasons=[],
        exceptions=["EX-1"],
        inputs={"b": "2" * 64, "a": "3" * 64},
    )
    return replace(said, **changed)


def test_contract_that_is_stated_is_read(contents: Contents) -> None:
    statement = again(contracts.contract_statement(contents, OWNERSHIP, "0" * 64))
    assert contracts.parse_contract(statement) == OWNERSHIP
    assert said_of(statement, contents) == ("contract", "tier high, owned by carol")


def test_contract_may_name_no_approvers(contents: Contents) -> None:
    """Then nobody may approve: the gate counts nobody."""
    nobody = replace(OWNERSHIP, approvers=())
    assert contracts.parse_contract(again(contracts.contract_statement(contents, nobody, "0" * 64))) == nobody


def test_approval_that_is_stated_is_read(contents: Contents) -> None:
    statement = again(approvals.approval_statement(contents, POLICY, "looked at it", NOON))
    assert approvals.parse_approval(statement, contents) == approvals.Approval(
        policy_sha256=POLICY, approved_on=NOON, comment="looked at it"
    )
    assert said_of(statement, contents) == ("approval", "under the policy 111111111111")


def test_approval_of_another_version_is_refused(contents: Contents) -> None:
    """Though the bytes are the same: an approval is for what is written on it."""
    statement = approvals.approval_statement(replace(contents, version="2.0.0"), POLICY, "", NOON)
    with pytest.raises(Refused) as refused:
        said_of(replace(statement, name=contents.identifier), contents)
    assert refused.value.reason is Reason.WRONG_SUBJECT


def test_passed_summary_has_all_that_slsa_asks_for(contents: Contents) -> None:
    said = again(summaries.summary_statement(decision(contents))).predicate
    assert said.pop("verifier")["id"] == "urn:samebits:verifier"
    assert said == {
        "timeVerified": "2026-11-26T12:00:00Z",
        "resourceUri": f"urn:samebits:bundle:{contents.identifier}",
        "policy": {"uri": "file:policy.yaml", "digest": {"sha256": POLICY}},
        "inputAttestations": [
            {"uri": "file:a", "digest": {"sha256": "3" * 64}},
            {"uri": "file:b", "digest": {"sha256": "2" * 64}},
        ],
        "verificationResult": "PASSED",
        "verifiedLevels": ["DETERMINISTIC", "SLSA_BUILD_REPRODUCED"],
        "slsaVersion": "1.0",
        "samebits_channel": "production",
        "samebits_tier": "high",
        "samebits_reasons": [],
        "samebits_exceptions": ["EX-1"],
    }


def test_refused_summary_claims_no_level(contents: Contents) -> None:
    statement = again(summaries.summary_statement(decision(contents, reasons=["no-quorum", "rollback"])))
    assert statement.predicate["verificationResult"] == "FAILED"
    assert statement.predicate["verifiedLevels"] == ["FAILED"]
    with pytest.raises(Refused, match=r"a gate has refused it: no-quorum, rollback") as refused:
        said_of(statement, contents)
    assert refused.value.reason is Reason.TEST_FAILED


def test_summary_of_a_folder_that_is_no_bundle_needs_no_contents() -> None:
    said = summaries.Summary(
        **{
            "name": "tiny",
            "sha256": "4" * 64,
            "policy": "policy.yaml",
            "policy_sha256": POLICY,
            "time": NOON,
        },
        **{"channel": "production", "tier": None, "levels": [], "reasons": ["extra-file"]},
        **{"exceptions": [], "inputs": {}},
    )
    assert again(summaries.summary_statement(said)).sha256 == "4" * 64


def test_summary_of_somebody_else_needs_none_of_our_members(contents: Contents) -> None:
    statement = summaries.summary_statement(decision(contents))
    kept = {name: value for name, value in statement.predicate.items() if not name.startswith("samebits_")}
    assert said_of(replace(statement, predicate=kept), contents)[0] == "summary"


@given(
    st.dictionaries(st.sampled_from(MEMBERS), JSON),
    st.sampled_from([contracts.PREDICATE_TYPE, approvals.PREDICATE_TYPE, summaries.PREDICATE_TYPE]),
)
def test_any_predicate_is_refused(contents: Contents, predicate: dict, kind: str) -> None:
    statement = Statement(name="x", sha256=contents.root, predicate_type=kind, predicate=predicate)
    with pytest.raises(Refused):
        said_of(statement, contents)


def test_variations_that_passed_are_those_of_a_rebuild(contents: Contents) -> None:
    """What was not checked makes the rebuild none; of what passed every name is read."""
    passed = [row for row in VARIED if row["status"] == "passed"]
    statement = again(results.rebuild(contents, {**VERDICT, "rows": [*VERDICT["rows"], *passed]}))
    assert said_of(statement, contents)[0] == "rebuild"
    assert results.rebuild_facts(statement) == results.Rebuilt(
        level="DETERMINISTIC", variations=frozenset({"clock", "several at once"})
    )
    with pytest.raises(Refused):
        said_of(again(results.rebuild(contents, {**VERDICT, "rows": [*VERDICT["rows"], *VARIED]})), contents)


def test_rebuild_within_tolerance_says_no_more(contents: Contents) -> None:
    statement = again(results.rebuild(contents, {**VERDICT, "level": "within tolerance"}))
    assert results.rebuild_facts(statement).level == "WITHIN_TOLERANCE"
    assert "as near as the contract asks" in said_of(statement, contents)[1]


def test_rebuild_that_did_not_verify_has_no_level(contents: Contents) -> None:
    statement = again(results.rebuild(contents, {**VERDICT, "verified": False}))
    with pytest.raises(Refused, match="claims the level"):
        said_of(statement, contents)


def test_provenance_says_what_and_when(contents: Contents) -> None:
    statement = again(provenance.provenance(contents, VERDICT, "first", "urn:x"))
    facts = provenance.provenance_facts(statement)
    assert (facts.model, facts.version, facts.derivation) == ("tiny", "1.0.0", "tiny.drv")
    assert facts.started < facts.finished == datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)


@given(st.dictionaries(st.sampled_from(["buildDefinition", "runDetails"]), JSON))
def test_any_predicate_has_no_facts(predicate: dict) -> None:
    kind = provenance.PREDICATE_TYPE
    with pytest.raises(Refused):
        provenance.provenance_facts(Statement(name="x", sha256="0", predicate_type=kind, predicate=predicate))
