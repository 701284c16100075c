"""What a refusal works on: a small bundle, statements by several parties, a policy, and a list of revocations."""

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.attacks.scene import VERDICT
from tests.unit.bundles import write_bundle
from verifier import clock
from verifier.contract.terms import Ownership
from verifier.policy.reading import read_policy
from verifier.signing.approvals import approval_statement
from verifier.signing.contents import Contents, read_contents
from verifier.signing.contracts import contract_statement
from verifier.signing.revocations import read_list, revocation_statement
from verifier.signing.sign import KeySigner, statements_about, write_statements
from verifier.signing.statement import Statement, statement_bytes

KEYS = {
    name: ec.generate_private_key(ec.SECP256R1())
    for name in ("ci", "second", "third", "alice", "bob", "security", "stranger")
}
OWNERSHIP = Ownership(
    owner="carol", tier="high", approvers=("alice", "bob", "ci"), escalation="on call", intended_use="tests"
)
Json = dict[str, object]


def public(name: str) -> str:
    """The public key of a party, in PEM."""
    key = KEYS[name].public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def private(name: str) -> bytes:
    """The private key of a party, in PEM."""
    return KEYS[name].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def policy() -> dict:
    """A policy that asks for all there is, as YAML has it; tests change it."""
    return {
        "schema": "samebits/policy/v1",
        "parties": {
            "ci": {"keys": [public("ci")], "operator": "acme", "platform": "x86-64"},
            "second": {"keys": [public("second")], "operator": "bell", "platform": "x86-64"},
            "third": {"keys": [public("third")], "operator": "cray", "platform": "other"},
            **{name: {"keys": [public(name)]} for name in ("alice", "bob", "security")},
        },
        "models": {"tiny": "high"},
        "revocations": {"by": ["security"], "max_age": "7d"},
        "tiers": {
            "high": {
                "level": "bitwise",
                "sign": ["ci"],
                "statements": ["signature", "contract", "evaluation", "rebuild", "provenance"],
                "variations": ["cores", "clock"],
                "rebuilders": {"count": 2, "of": ["ci", "second", "third"]},
                "approvals": {"count": 1, "by": ["alice", "bob", "ci"]},
                "verified_within": "30d",
                "formats": ["safetensors", "json", "text"],
                "licences": ["BSD-3-Clause", "NOASSERTION"],
                "metrics": [{"name": "accuracy", "minimum": 0.4}],
                "rollback": "refused",
            }
        },
    }


def verdict(*, finished: datetime | None = None, derivation: str = "/nix/store/tiny.drv") -> Json:
    """A verdict of `verifier check`, whose first build was made here just now."""
    value = json.loads(json.dumps(VERDICT))
    when = finished or clock.now() - timedelta(hours=1)
    value["origin"]["derivation"] = derivation
    value["origin"]["first"] |= {"started": clock.rfc3339(when), "finished": clock.rfc3339(when)}
    value["rows"] += [
        {"check": "variation", "subject": name, "status": "passed", "first": "", "second": "built here"}
        for name in ("cores", "clock")
    ]
    return value


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A folder with `tiny`, its statements, `policy.yaml`, `revocations` and a ledger; all of it can be spoilt."""

    folder: Path
    more: list[str] = field(default_factory=list)

    @property
    def bundle(self) -> Path:
        return self.folder / "tiny"

    @property
    def statements(self) -> Path:
        return self.folder / "tiny.statements"

    @property
    def policy(self) -> Path:
        return self.folder / "policy.yaml"

    @property
    def revocations(self) -> Path:
        return self.folder / "revocations.sigstore.json"

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.sqlite"

    @property
    def contents(self) -> Contents:
        return read_contents(self.bundle)

    @property
    def arguments(self) -> list[str]:
        """The command that asks for everything."""
        named = ["--policy", str(self.policy), "--revocations", str(self.revocations)]
        return ["verify", str(self.bundle), *named, "--ledger", str(self.ledger), *self.more]

    def write_policy(self, change: Callable[[dict], object] = lambda _: None) -> None:
        value = policy()
        change(value)
        self.policy.write_text(yaml.safe_dump(value, sort_keys=False))

    def state(self, name: str, statement: Statement, by: str) -> Path:
        """Signs a statement, beside the bundle."""
        (path,) = write_statements({name: statement}, KeySigner(KEYS[by]), self.statements)
        return path

    def release(self, by: str = "ci", ownership: Ownership = OWNERSHIP, said: Json | None = None) -> None:
        """Signs all that a release has."""
        contents = self.contents
        found = statements_about(contents, said or verdict(), f"urn:test:{by}")
        found["contract"] = contract_statement(contents, ownership, "0" * 64)
        write_statements(found, KeySigner(KEYS[by]), self.statements)

    def rebuild(self, by: str, said: Json | None = None) -> None:
        """Signs what a rebuilder says: that they built it."""
        found = statements_about(self.contents, said or verdict(), f"urn:test:{by}")
        self.state("provenance-first-build", found["provenance-first-build"], by)

    def approve(self, by: str, *, policy_sha256: str | None = None, time: datetime | None = None) -> None:
        sha256 = policy_sha256 or read_policy(self.policy).sha256
        self.state("approval", approval_statement(self.contents, sha256, "", time or clock.now()), by)

    def revoke(
        self, by: str = "security", number: int = 1, issued: datetime | None = None, **what: list
    ) -> None:
        """Signs a list of revocations."""
        text = self.folder / "revocations.yaml"
        text.write_text(yaml.safe_dump({"number": number, **what}))
        statement = revocation_statement(read_list(text, issued or clock.now()))
        self.revocations.write_bytes(KeySigner(KEYS[by]).sign(statement_bytes(statement)))

    def forget(self, kinds: Iterable[str]) -> None:
        """Removes the statements whose files begin so."""
        for kind in kinds:
            for path in self.statements.glob(f"{kind}*"):
                path.unlink()

    def copy(self, folder: Path) -> "Gate":
        shutil.copytree(self.folder, folder, symlinks=True)
        return Gate(folder=folder)


def make_gate(folder: Path) -> Gate:
    """A scene in which everything is in order."""
    gate = Gate(folder=folder)
    write_bundle(gate.bundle)
    gate.write_policy()
    gate.release()
    gate.rebuild("second")
    gate.approve("alice")
    gate.revoke()
    return gate
