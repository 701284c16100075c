"""Each finding of a lint, by the policy that has it; what never passes is held against the real gate."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from tests.gate.policies import Change, at, found, read, tier, waiver
from tests.gate.running import verify
from tests.gate.scene import Gate, public
from verifier import clock
from verifier.policy.explain import State, state_of
from verifier.policy.findings import Kind
from verifier.policy.lint import lint

HIGH = ("tiers", "high")


def rebuilders(count: int, *of: str) -> Change:
    return tier(rebuilders={"count": count, "of": list(of)})


def approvals(count: int, *by: str) -> Change:
    return tier(approvals={"count": count, "by": list(by)})


def formats(*kinds: str) -> Change:
    return tier(formats=list(kinds))


def both(*changes: Change) -> Change:
    return lambda policy: [change(policy) for change in changes]


def excused(**other: object) -> Change:
    return at("exceptions", value=[waiver(**other)])


def nobodys(policy: dict) -> None:
    del policy["parties"]["second"]["operator"]


def platforms(policy: dict) -> None:
    policy["tiers"]["high"]["level"] = "bitwise-per-platform"
    for party in policy["parties"].values():
        party.pop("platform", None)


NEVER_PASSES = {
    "nobody may release": (tier(sign=[]), (*HIGH, "sign"), "nobody may release"),
    "no time": (tier(verified_within="0s"), (*HIGH, "verified_within"), "older than no time at all"),
    "no weights": (formats("json", "text"), (*HIGH, "formats"), "safetensors is not allowed"),
    "no manifest": (formats("safetensors", "text"), (*HIGH, "formats"), "json is not allowed"),
    "no card": (formats("safetensors", "json"), (*HIGH, "formats"), "text is not allowed"),
    "no licence of weights": (
        tier(licences=["BSD-3-Clause"]),
        (*HIGH, "licences"),
        "NOASSERTION is not allowed",
    ),
    "approvals by the signer alone": (approvals(1, "ci"), (*HIGH, "approvals", "count"), "0 can be given"),
    "approvals by all signers": (
        both(approvals(3, "alice", "bob", "ci")),
        (*HIGH, "approvals", "count"),
        "3 approvals are demanded, and 2 can be given",
    ),
    "no list can be signed": (at("revocations", "by", value=[]), ("revocations", "by"), "nobody may sign"),
    "every list is old": (
        at("revocations", "max_age", value="0d"),
        ("revocations", "max_age"),
        "older than no",
    ),
}
NEVER_FAILS = {
    "no variation": (tier(variations=[]), (*HIGH, "variations"), "no variation"),
    "no rebuilder": (rebuilders(0, "ci"), (*HIGH, "rebuilders", "count"), "no rebuilder"),
    "no approval": (approvals(0, "alice"), (*HIGH, "approvals", "count"), "no approval"),
    "no metric": (tier(metrics=[]), (*HIGH, "metrics"), "no metric"),
    "metric without a limit": (
        tier(metrics=[{"name": "accuracy"}]),
        (*HIGH, "metrics", 0),
        "accuracy has neither minimum nor maximum",
    ),
    "anything": (
        formats("safetensors", "json", "text", "binary"),
        (*HIGH, "formats", 3),
        "binary is all that",
    ),
    "rollback": (tier(rollback="allowed"), (*HIGH, "rollback"), "an older version may follow"),
    "no list": (lambda p: p.pop("revocations"), (), "no list of revocations is demanded"),
    "tier of no model": (
        lambda p: p["tiers"].update(low=yaml.safe_load(yaml.safe_dump(p["tiers"]["high"]))),
        ("tiers", "low"),
        "no model is of the tier low",
    ),
}
EXCEPTION = ("exceptions", 0)
LOOK = {
    "party without a role": (
        at("parties", "eve", value={"keys": [public("stranger")]}),
        ("parties", "eve"),
        "eve has no role",
    ),
    "root for nobody": (
        at("trusted_root", value={"file": "a", "sha256": "0" * 64}),
        ("trusted_root",),
        "no party has certificates",
    ),
    "rebuilder of nobody": (nobodys, (*HIGH, "rebuilders", "of", 1), "second has no operator"),
    "own rebuilder": (
        rebuilders(1, "ci", "second"),
        (*HIGH, "rebuilders", "count"),
        "are enough rebuilders by",
    ),
    "no platform": (platforms, (*HIGH, "level"), "no rebuilder has a platform"),
    "pickle": (
        formats("safetensors", "json", "text", "pickle"),
        (*HIGH, "formats", 3),
        "a pickle is refused",
    ),
    "format": (
        formats("safetensors", "json", "text", "onnx"),
        (*HIGH, "formats", 3),
        "no file is of the kind 'onnx'",
    ),
    "licence": (
        tier(licences=["NOASSERTION", "MIT OR Apache-2.0", "Public domain"]),
        (*HIGH, "licences"),
        "no SPDX identifiers, so that they allow these very words alone: 'Public domain'",
    ),
    "expired": (excused(expires="2026-11-25"), (*EXCEPTION, "expires"), "EX-1 expired on 2026-11-25"),
    "soon": (
        excused(expires="2026-12-10"),
        (*EXCEPTION, "expires"),
        "EX-1 expires on 2026-12-10, 14 days from",
    ),
    "endless": (excused(expires="2030-01-01"), (*EXCEPTION, "expires"), "EX-1 holds for more than a year"),
    "no such model": (
        excused(model="big"),
        (*EXCEPTION, "model"),
        "EX-1 is about big, and the policy lists no",
    ),
    "by who released it": (
        excused(approver="ci"),
        (*EXCEPTION, "approver"),
        "EX-1 was given by ci, who may release",
    ),
    "by somebody": (
        excused(approver="third"),
        (*EXCEPTION, "approver"),
        "EX-1 was given by third, who may approve",
    ),
    "excuses nothing": (
        both(excused(), tier(rollback="allowed")),
        (*EXCEPTION, "reasons"),
        "EX-1 excuses rollback, and nothing is demanded that could fail so",
    ),
    "excuses no statement": (
        both(excused(reasons=["missing-statement"]), tier(statements=["signature", "contract"])),
        (*EXCEPTION, "reasons"),
        "EX-1 excuses missing-statement, and nothing",
    ),
}


def every_version(policy: dict) -> None:
    policy["exceptions"] = [waiver()]
    del policy["exceptions"][0]["version"]


LOOK["every version"] = (every_version, EXCEPTION, "EX-1 is about every version of tiny")


def holds(kind: Kind, case: tuple[Change, Sequence[str | int], str], folder: Path) -> None:
    change, place, sentence = case
    (finding,) = (one for one in found(folder, kind, change) if sentence in one.sentence)
    assert finding.place == tuple(place)


@pytest.mark.parametrize("name", NEVER_PASSES)
def test_what_never_passes_is_found_and_is_refused_by_the_gate(name: str, gate: Gate, tmp_path: Path) -> None:
    holds(Kind.NEVER_PASSES, NEVER_PASSES[name], tmp_path)
    gate.write_policy(NEVER_PASSES[name][0])
    gate.forget(["approval"])
    for party in ("alice", "bob"):
        gate.approve(party)
    gate.revoke(issued=clock.now() - timedelta(seconds=2))
    assert verify(gate).code == 1


@pytest.mark.parametrize("name", NEVER_FAILS)
def test_what_never_fails_is_found(name: str, tmp_path: Path) -> None:
    holds(Kind.NEVER_FAILS, NEVER_FAILS[name], tmp_path)


@pytest.mark.parametrize("name", LOOK)
def test_what_to_look_at_is_found(name: str, tmp_path: Path) -> None:
    holds(Kind.LOOK, LOOK[name], tmp_path)


def test_nothing_is_found_where_all_is_in_order(tmp_path: Path) -> None:
    assert lint(read(tmp_path, excused()), date(2026, 11, 26)) == []


@pytest.mark.parametrize(("count", "kinds"), [(1, set()), (2, set()), (3, {Kind.NEVER_PASSES})])
def test_whoever_releases_takes_one_approver_away(count: int, kinds: set[Kind], tmp_path: Path) -> None:
    change = approvals(count, "alice", "bob", "ci")
    assert {one.kind for one in lint(read(tmp_path, change), date(2026, 11, 26))} == kinds


def test_one_of_two_who_release_may_approve_what_the_other_released(tmp_path: Path) -> None:
    change = both(tier(sign=["ci", "alice"]), approvals(1, "ci", "alice"))
    assert found(tmp_path, Kind.NEVER_PASSES, change) == []


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2027, 1, 16), State.OPEN),
        (date(2027, 1, 17), State.SOON),
        (date(2027, 1, 31), State.SOON),
        (date(2027, 2, 1), State.EXPIRED),
    ],
)
def test_an_exception_holds_until_the_end_of_its_day(today: date, state: State, tmp_path: Path) -> None:
    (one,) = read(tmp_path, excused()).waivers
    assert state_of(one, today) is state


@pytest.mark.parametrize(
    ("key", "word", "count"),
    [
        ("operator", "Acme ", 1),
        ("operator", "Ａ.C.M.E", 1),
        ("operator", "acme", 0),
        ("platform", "x86_64", 1),
    ],
)
def test_one_operator_or_platform_in_two_spellings(key: str, word: str, count: int, tmp_path: Path) -> None:
    """Else whoever runs two machines would be two who agree."""
    odd = found(tmp_path, Kind.LOOK, at("parties", "third", key, value=word))
    assert [one.place for one in odd if "are they one?" in one.sentence] == [
        ("parties", "third", key)
    ] * count
