"""A party that signs with certificates: its approval counts, and a revocation asks when it was signed."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.gate.running import Said, said_by, verify
from tests.gate.scene import Gate
from tests.keyless import World
from verifier import clock
from verifier.ledger.ledger import open_ledger
from verifier.signing.envelope import read_signed
from verifier.signing.times import signing_times_of

ALICE = "alice@example.org"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World.start(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture
def certified(gate: Gate, world: World) -> Gate:
    """The scene, in which alice has a certificate and no key, and has not approved yet."""
    root = gate.folder / "trusted_root.json"
    shutil.copyfile(world.trusted_root, root)

    def change(value: dict) -> None:
        value["parties"]["alice"] = {"certificates": [{"signer": ALICE, "issuer": world.issuer}]}
        value["trusted_root"] = {
            "file": root.name,
            "sha256": hashlib.sha256(root.read_bytes()).hexdigest(),
        }

    gate.write_policy(change)
    gate.forget(["approval"])
    return gate


def approve(gate: Gate, world: World, identity: str = ALICE, *more: str) -> Said:
    token = gate.folder / "token"
    token.write_text(world.token(identity))
    words = ["approve", str(gate.bundle), "--as", "alice", "--policy", str(gate.policy), "--keyless"]
    return said_by(
        *words, "--identity-token-file", str(token), "--trust-config", str(world.trust_config), *more
    )


def approval(gate: Gate) -> Path:
    (path,) = gate.statements.glob("approval-*")
    return path


def revoke_alice(gate: Gate, world: World, **window: str) -> None:
    gate.revoke(signers=[{"signer": ALICE, "issuer": world.issuer, "reason": "taken over", **window}])


def test_approval_with_a_certificate_counts(certified: Gate, world: World) -> None:
    assert verify(certified).reasons == {"not-approved"}
    said = approve(certified, world)
    assert said.code == 0, said.err
    assert verify(certified).code == 0


def test_certificate_of_somebody_else_is_refused_before_it_signs(certified: Gate, world: World) -> None:
    said = approve(certified, world, "mallory@example.org")
    assert said.code == 2
    assert "this key or certificate is not alice's" in said.err
    assert list(certified.statements.glob("approval-*")) == []


def test_approval_of_a_person_who_is_no_party_is_refused(certified: Gate, world: World) -> None:
    approve(certified, world)
    path = approval(certified)
    payload = read_signed(path).payload
    path.write_text(world.signed(payload, "mallory@example.org"))
    assert "wrong-signer" in verify(certified).reasons
    path.write_text(world.signed(payload, ALICE, issuer="https://other.example.org"))
    assert "wrong-issuer" in verify(certified).reasons


def test_times_are_those_that_others_vouch_for(certified: Gate, world: World) -> None:
    before = clock.now() - timedelta(seconds=2)
    approve(certified, world)
    stamped = read_signed(approval(certified))
    (time,) = signing_times_of(stamped)
    assert before <= time <= clock.now() + timedelta(seconds=2)
    (signature,) = certified.statements.glob("signature-*")
    assert signing_times_of(read_signed(signature)) == ()


def test_time_that_a_log_promises_is_one_more(certified: Gate, world: World) -> None:
    approve(certified, world)
    path = approval(certified)
    moment = clock.now() - timedelta(minutes=2)
    path.write_text(world.promised(path.read_text(), moment=moment))
    assert moment in signing_times_of(read_signed(path))
    assert len(signing_times_of(read_signed(path))) == 2


@pytest.mark.parametrize(
    ("start", "end", "revoked"),
    [
        (-HOUR, HOUR, True),
        (-HOUR, None, True),
        (None, HOUR, True),
        (None, None, True),
        (-2 * HOUR, -HOUR, False),
        (None, -HOUR, False),
        (HOUR, None, False),
    ],
)
def test_revoked_person_signed_nothing_in_that_time(
    start: timedelta | None, end: timedelta | None, revoked: bool, certified: Gate, world: World
) -> None:
    approve(certified, world)
    window = {
        name: clock.rfc3339(clock.now() + moment)
        for name, moment in (("from", start), ("until", end))
        if moment is not None
    }
    revoke_alice(certified, world, **window)
    done = verify(certified)
    assert ("revoked" in done.reasons) is revoked
    assert done.code == int(revoked)


def test_time_that_is_written_by_hand_helps_nobody(certified: Gate, world: World) -> None:
    """Who was revoked says that it was signed before: the time is none that the log promised."""
    approve(certified, world)
    revoke_alice(certified, world, **{"from": clock.rfc3339(clock.now() - HOUR)})
    value = json.loads(approval(certified).read_text())
    (entry,) = value["verificationMaterial"]["tlogEntries"]
    entry["integratedTime"] = str(int((clock.now() - 2 * HOUR).timestamp()))
    value["verificationMaterial"].pop("timestampVerificationData")
    approval(certified).write_text(json.dumps(value))
    assert verify(certified).code == 1


def test_approval_that_could_not_be_signed_is_not_recorded(certified: Gate, world: World) -> None:
    config = certified.folder / "trust_config.json"
    value = json.loads(world.trust_config.read_text())
    for service in ("rekorTlogUrls", "tsaUrls"):
        for one in value["signingConfig"][service]:
            one["url"] = "http://127.0.0.1:9"  # where nobody listens
    config.write_text(json.dumps(value))
    ledger = ["--ledger", str(certified.ledger)]
    done = approve(certified, world, "alice@example.org", *ledger, "--trust-config", str(config))
    assert (done.code, done.out) == (3, "")
    assert "did not sign" in done.err
    assert recorded(certified) == []
    assert approve(certified, world, "alice@example.org", *ledger).code == 0
    assert recorded(certified) == ["approval"]


def recorded(gate: Gate) -> list[str]:
    with open_ledger(str(gate.ledger)) as ledger:
        return [entry.kind for entry in ledger.entries()]


def test_root_that_changed_is_bad_input(certified: Gate, world: World) -> None:
    approve(certified, world)
    (certified.folder / "trusted_root.json").write_bytes(world.trusted_root.read_bytes() + b"\n")
    done = verify(certified)
    assert done.code == 2
    assert "trusted_root.json" in done.err
