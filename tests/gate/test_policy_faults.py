"""A policy that contradicts itself, or is written wrongly, is refused with file, line and a sentence."""

from pathlib import Path

import pytest

from tests.gate.policies import at, refusal, tier, waiver
from tests.gate.scene import public
from verifier.cli import main

KEY = public("stranger")
CERTIFICATES = [{"signer": "alice@example.org", "issuer": "https://accounts.example.org"}]
PRIVATE = "-----BEGIN EC PRIVATE KEY-----\nMHc=\n-----END EC PRIVATE KEY-----\n"


def two(policy: dict) -> None:
    policy["parties"]["bob"]["keys"] = policy["parties"]["ci"]["keys"] * 1


def written_otherwise(policy: dict) -> None:
    policy["parties"]["bob"]["keys"] = [KEY, policy["parties"]["ci"]["keys"][0].replace("\n", "\r\n")]


def one_certificate(policy: dict) -> None:
    policy["trusted_root"] = {"file": "root.json", "sha256": "0" * 64}
    for name in ("alice", "bob"):
        policy["parties"][name]["certificates"] = [dict(CERTIFICATES[0])]


def one_operator(policy: dict) -> None:
    for name in ("second", "third"):
        policy["parties"][name]["operator"] = "acme"


FAULTS = {
    "schema of another": (
        at("schema", value="samebits/policy/v2"),
        "'schema' is 'samebits/policy/v2'",
        "schema",
    ),
    "unknown key": (at("partys", value={}), "unknown key 'partys'; did you mean 'parties'?", "partys"),
    "unknown key of a tier": (
        tier(licenses=[]),
        "unknown key 'licenses' in 'tiers.high'; did you mean 'licences'?",
        "licenses",
    ),
    "key of a tier written wrongly": (
        lambda p: p["tiers"]["high"].update(approvls=p["tiers"]["high"].pop("approvals")),
        "unknown key 'approvls' in 'tiers.high'; did you mean 'approvals'?",
        "approvls",
    ),
    "missing part of a tier": (
        lambda p: p["tiers"]["high"].pop("approvals"),
        "the key 'approvals' is missing in 'tiers.high'",
        "high",
    ),
    "no tiers": (
        at("tiers", value={}),
        "'tiers' is {}; it must be an object of tiers by their names",
        "tiers",
    ),
    "no parties": (at("parties", value={}), "'parties' is {}; it must be an object of parties", "parties"),
    "empty part": (tier(sign=None), "'sign' in 'tiers.high' is empty; it must be a list of names", "sign"),
    "level": (tier(level="exact"), "'level' in 'tiers.high' is 'exact'; it must be 'bitwise', ", "level"),
    "kind of statement": (
        tier(statements=["approval"]),
        "0 in 'tiers.high.statements' is 'approval'",
        "approval",
    ),
    "twice in a list": (
        tier(sign=["ci", "ci"]),
        "'sign' in 'tiers.high' is ['ci', 'ci']; it must be",
        "sign",
    ),
    "true as a count": (at("tiers", "high", "approvals", "count", value=True), "'count' in ", "count"),
    "time without a unit": (tier(verified_within="30"), "'verified_within' in ", "verified_within"),
    "time with a line feed": (tier(verified_within="30d\n"), "'verified_within' in ", "verified_within"),
    "time before the calendar": (
        tier(verified_within="999999d"),
        "'verified_within' is 999999d; at most 36500d are taken",
        "verified_within",
    ),
    "endless list": (
        at("revocations", "max_age", value="999999d"),
        "'max_age' is 999999d; at most 36500d are taken",
        "max_age",
    ),
    "name with a space": (
        at("parties", "a b", value={"keys": [KEY]}),
        "'parties' is 'a b'; it must be a name",
        "",
    ),
    "name with a line feed": (
        at("models", "tiny", value="high\n"),
        "'tiny' in 'models' is 'high\\n'",
        "tiny",
    ),
    "party without a key": (
        at("parties", "bob", value={}),
        "bob has neither 'keys' nor 'certificates'",
        "bob",
    ),
    "party with empty lists": (
        at("parties", "bob", value={"keys": [], "certificates": []}),
        "bob has neither 'keys' nor 'certificates'",
        "bob",
    ),
    "private key": (
        at("parties", "bob", "keys", value=[PRIVATE]),
        "key 1 of bob is a private key",
        "PRIVATE",
    ),
    "no key": (
        at("parties", "bob", "keys", value=["bob.pub"]),
        "key 1 of bob is no public key in PEM",
        "bob.pub",
    ),
    "two keys in one": (
        at("parties", "bob", "keys", value=[KEY + public("ci")]),
        "key 1 of bob holds more than one key",
        "BEGIN",
    ),
    "one key in two parties": (two, "bob and ci have one key or certificate", "bob"),
    "one key, written otherwise": (written_otherwise, "bob and ci have one key or certificate", "bob"),
    "one certificate in two parties": (one_certificate, "bob and alice have one key or certificate", "bob"),
    "certificate without a root": (
        at("parties", "bob", "certificates", value=CERTIFICATES),
        "bob has certificates, and the policy no 'trusted_root' to prove them by",
        "bob",
    ),
    "root of no name": (
        at("trusted_root", value={"file": "a\0", "sha256": "0" * 64}),
        "'file' in 'trusted_r",
        "file",
    ),
    "signer who is nobody": (tier(sign=["alicee"]), "'alicee' is no party; did you mean 'alice'?", "alicee"),
    "rebuilder who is nobody": (
        at("tiers", "high", "rebuilders", "of", value=["ci", "secnd"]),
        "'secnd' is no party; did you mean 'second'?",
        "secnd",
    ),
    "approver who is nobody": (
        at("tiers", "high", "approvals", "by", value=["alise"]),
        "'alise' is no party; did you mean 'alice'?",
        "alise",
    ),
    "revoker who is nobody": (at("revocations", "by", value=["sec"]), "'sec' is no party", "sec"),
    "too many approvals": (
        at("tiers", "high", "approvals", "count", value=4),
        "4 approvals are demanded of 3 that may give them",
        "count: 4",
    ),
    "too many rebuilders": (
        at("tiers", "high", "rebuilders", "count", value=4),
        "4 rebuilders are demanded of 3 that may give them",
        "count: 4",
    ),
    "one operator": (
        one_operator,
        "2 rebuilders must agree, and those named have 1 operator; one operator counts once",
        "count: 2",
    ),
    "minimum above maximum": (
        tier(metrics=[{"name": "accuracy", "minimum": 0.9, "maximum": 0.8}]),
        "accuracy has a minimum above its maximum",
        "accuracy",
    ),
    "metric twice": (
        tier(metrics=[{"name": "accuracy", "minimum": 0.9}, {"name": "accuracy", "maximum": 0.8}]),
        "accuracy is there twice",
        "accuracy",
    ),
    "model of no tier": (
        at("models", "tiny", value="hihg"),
        "'hihg' is no tier; did you mean 'high'?",
        "hihg",
    ),
    "two exceptions of one name": (
        at("exceptions", value=[waiver(), waiver()]),
        "the exception EX-1 is there twice",
        "id: EX-1",
    ),
    "exception by nobody": (at("exceptions", value=[waiver(approver="eve")]), "'eve' is no party", "eve"),
    "exception for a signature": (
        at("exceptions", value=[waiver(reasons=["bad-signature"])]),
        "no exception lets 'bad-signature' pass",
        "reasons",
    ),
    "exception without a reason": (at("exceptions", value=[waiver(reasons=[])]), "'reasons' in", "reasons"),
    "exception until no day": (
        at("exceptions", value=[waiver(expires="2027-02-30")]),
        "'expires' is no day: day ",
        "expires",
    ),
    "exception without https": (at("exceptions", value=[waiver(link="http://x")]), "'link' in ", "link"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_refused_with_its_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, sentence, line = FAULTS[name]
    said, text = refusal(tmp_path, change)
    assert said.startswith(sentence)
    assert line in text
    assert main(["policy", "lint", str(tmp_path / "policy.yaml")]) == 2
    assert "Traceback" not in capsys.readouterr().err
