"""Ways to spoil a scene in which all is in order."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from tests.gate.scene import KEYS, OWNERSHIP, Gate, verdict
from tests.unit.bundles import list_files, write_file
from verifier import clock
from verifier.signing.contracts import contract_statement
from verifier.signing.keys import fingerprint
from verifier.signing.sign import KeySigner, statement_path, statements_about
from verifier.signing.statement import Statement

Spoil = Callable[[Gate], object]
LONG_AGO = timedelta(days=400)


def demanded(change: Callable[[dict], object]) -> Spoil:
    """Changes what the tier demands; the approval is given anew, since it is bound to the policy."""
    return ordered(lambda policy: change(policy["tiers"]["high"]))


def ordered(change: Callable[[dict], object]) -> Spoil:
    """Changes the policy, and has it approved anew."""

    def spoil(gate: Gate) -> None:
        gate.write_policy(change)
        gate.approve("alice")

    return spoil


def released(gate: Gate, **changes: object) -> None:
    """Releases it anew with another contract."""
    gate.release(ownership=replace(OWNERSHIP, **changes))


def other_bits(gate: Gate, by: str = "third") -> None:
    """A rebuilder states that they built the same version, and got something else."""
    found = statements_about(gate.contents, verdict(), f"urn:test:{by}")["provenance-first-build"]
    gate.state("provenance-first-build", replace(found, sha256="f" * 64), by)


def repackaged(change: Callable[[Gate], object]) -> Spoil:
    """Changes the bundle, and has everything signed and approved anew: all is in order but what is in it."""

    def spoil(gate: Gate) -> None:
        change(gate)
        list_files(gate.bundle)
        gate.release()
        gate.rebuild("second")
        gate.approve("alice")

    return spoil


def without(kind: str) -> Spoil:
    return lambda gate: gate.forget([kind])


def edited_metrics(gate: Gate) -> None:
    path = gate.bundle / "metrics.json"
    path.write_text(path.read_text().replace("0.5", "0.6"))


def failed_rebuild(gate: Gate) -> None:
    said = verdict()
    said["verified"] = False
    said["rows"][0]["status"] = "failed"
    gate.state("rebuild", statements_about(gate.contents, said, "urn:test:ci")["rebuild"], "ci")


def tolerated(gate: Gate) -> None:
    said = {**verdict(), "level": "within tolerance"}
    gate.forget(["provenance"])
    gate.release(said=said)
    gate.forget(["provenance"])
    gate.rebuild("ci")


def approved_by_author(gate: Gate) -> None:
    gate.forget(["approval"])
    gate.approve("ci")


def approved_by_owner(gate: Gate) -> None:
    gate.forget(["approval"])
    released(gate, owner="alice")
    gate.approve("alice")


def rebuilt(by: str, age: timedelta) -> Spoil:
    def spoil(gate: Gate) -> None:
        gate.rebuild(by, verdict(finished=clock.now() - age))

    return spoil


def all_old(gate: Gate) -> None:
    for by in ("ci", "second"):
        gate.rebuild(by, verdict(finished=clock.now() - LONG_AGO))


def one_operator(policy: dict) -> None:
    policy["parties"]["second"]["operator"] = "acme"


def renamed(gate: Gate) -> None:
    """Two keys of one party are one rebuilder."""

    def change(policy: dict) -> None:
        policy["parties"]["ci"]["keys"].append(policy["parties"].pop("second")["keys"][0])
        policy["tiers"]["high"]["rebuilders"]["of"] = ["ci", "third"]

    ordered(change)(gate)


def pickled(gate: Gate) -> None:
    write_file(gate.bundle, "code/notes.txt", b"cos\nsystem\n(S'true'\ntR.")


def from_another_bundle(gate: Gate) -> None:
    """An approval of another bundle is put beside this one."""
    other = gate.copy(gate.folder / "other")
    repackaged(edited_metrics)(other)
    (approval,) = other.statements.glob("approval-*")
    (gate.statements / approval.name).write_bytes(approval.read_bytes())


def shown_as_low(gate: Gate) -> None:
    """The releaser calls a model of the tier `high` one of `low`, where nothing is demanded."""

    def change(policy: dict) -> None:
        low = json.loads(json.dumps(policy["tiers"]["high"]))
        policy["tiers"]["low"] = {**low, "approvals": {"count": 0, "by": []}}

    ordered(change)(gate)
    released(gate, tier="low")


def file_of(gate: Gate, kind: str, by: str) -> str:
    """The file of a statement of one kind by one party."""
    return statement_path(kind, KeySigner(KEYS[by]), gate.statements).name


def contract_of(gate: Gate, **changes: object) -> Statement:
    return contract_statement(gate.contents, replace(OWNERSHIP, **changes), "0" * 64)


def released_by(gate: Gate, by: str) -> None:
    """Another party alone signs all files."""
    gate.forget(["signature"])
    gate.state("signature", statements_about(gate.contents, None, "")["signature"], by)


def native(gate: Gate) -> None:
    path = gate.bundle / "toolchain.json"
    path.write_text(path.read_text().replace("portable", "native"))


def revoked(gate: Gate, sha256: str) -> None:
    gate.revoke(digests=[{"sha256": sha256, "reason": "poisoned"}])


def wheel_of(gate: Gate) -> str:
    return json.loads((gate.bundle / "toolchain.json").read_text())["sources"][0]["sha256"]


def fingerprint_of(name: str) -> str:
    return fingerprint(KEYS[name].public_key())
