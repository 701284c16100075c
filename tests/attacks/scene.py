"""What an attack works on: a small bundle, statements about it, and who may sign; signed anew at will."""

import json
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.keyless import World
from tests.unit.bundles import write_bundle
from verifier.contract.terms import Ownership
from verifier.signing.approvals import approval_statement
from verifier.signing.contents import read_contents
from verifier.signing.contracts import contract_statement
from verifier.signing.envelope import read_signed
from verifier.signing.sign import KeySigner, statements_about, write_statements
from verifier.signing.statement import Statement
from verifier.signing.summaries import Summary, summary_statement

SIGNER = "signer@example.org"
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
OWNERSHIP = Ownership(
    owner="carol", tier="high", approvers=("alice", "bob"), escalation="on call", intended_use="tests"
)
VERDICT: dict[str, object] = {
    "verified": True,
    "level": "bitwise",
    "surroundings": [],
    "origin": {
        "flake": "git+https://example.org/models",
        "revision": "0" * 40,
        "derivation": "tiny.drv",
        "first": {"nix": "2.24", "started": "2026-01-01T00:00:00Z", "finished": "2026-01-01T00:00:01Z"},
        "second": None,
    },
    "rows": [
        {
            **{"check": "rebuild", "subject": step, "status": "passed", "first": "built here"},
            **{"second": "already present", "first_sha256": "0" * 64, "second_sha256": None},
        }
        for step in ("prepare", "train", "evaluate", "package")
    ],
}


@dataclass(frozen=True, kw_only=True)
class WorldSigner:
    """Signs in a keyless world, as a client that checks nothing."""

    world: World
    identifier: str = SIGNER
    issuer: str | None = None

    def sign(self, payload: bytes) -> bytes:
        return self.world.signed(payload, self.identifier, issuer=self.issuer).encode()


@dataclass(frozen=True, kw_only=True, repr=False)
class Scene:
    """A folder with `tiny`, `tiny.statements` and the files that name who may sign; all of it can be spoilt.

    `meanwhile` is closed after the verification: for what an attack does while it runs.
    """

    folder: Path
    signer: KeySigner | WorldSigner
    world: World
    keyless: bool
    meanwhile: ExitStack = field(default_factory=ExitStack)

    def __repr__(self) -> str:
        return f"Scene({self.folder})"

    @property
    def bundle(self) -> Path:
        return self.folder / "tiny"

    @property
    def statements(self) -> Path:
        return self.folder / "tiny.statements"

    @property
    def who(self) -> list[str]:
        """The arguments that say who may sign."""
        if not self.keyless:
            return ["--key", str(self.folder / "key.pub")]
        root = str(self.folder / "trusted_root.json")
        return ["--signer", SIGNER, "--issuer", self.world.issuer, "--trusted-root", root]

    def statement(self, kind: str = "signature") -> Path:
        (path,) = self.statements.glob(f"{kind}-*")
        return path

    def payload(self, kind: str = "signature") -> bytes:
        return read_signed(self.statement(kind)).payload

    def state(self, payload: bytes, kind: str = "signature") -> None:
        """Signs a payload in place of the statement of that kind."""
        self.statement(kind).write_bytes(self.signer.sign(payload))

    def sign_all(self) -> None:
        """Signs all statements about the bundle as it is."""
        found = statements_about(read_contents(self.bundle), {**VERDICT}, "https://example.org/ci")
        write_statements(found, self.signer, self.statements)
        if not self.keyless:  # what they say is judged alike, and each costs a proof
            write_statements(self._said_later(), self.signer, self.statements)

    def _said_later(self) -> dict[str, Statement]:
        """What is signed after a release: its contract, an approval, and a gate's decision."""
        contents = read_contents(self.bundle)
        passed = Summary(
            **{"name": contents.identifier, "sha256": contents.root, "tier": "high", "channel": "production"},
            **{"policy": "policy.yaml", "policy_sha256": "1" * 64, "time": YEAR, "levels": ["DETERMINISTIC"]},
            **{"reasons": [], "exceptions": [], "inputs": {"signature.sigstore.json": "2" * 64}},
        )
        return {
            "contract": contract_statement(contents, OWNERSHIP, "0" * 64),
            "approval": approval_statement(contents, "1" * 64, "looked at the metrics", YEAR),
            "summary": summary_statement(passed),
        }

    def copy(self, folder: Path) -> "Scene":
        """A copy to spoil."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Scene(folder=folder, signer=self.signer, world=self.world, keyless=self.keyless)


def make_scene(folder: Path, world: World, *, keyless: bool) -> Scene:
    """A valid scene, signed by a throw-away key or in the world."""
    write_bundle(folder / "tiny")
    key = ec.generate_private_key(ec.SECP256R1())
    write_public_key(folder / "key.pub", key.public_key())
    shutil.copyfile(world.trusted_root, folder / "trusted_root.json")
    signer = WorldSigner(world=world) if keyless else KeySigner(key)
    scene = Scene(folder=folder, signer=signer, world=world, keyless=keyless)
    scene.sign_all()
    return scene


def write_public_key(path: Path, key: ec.EllipticCurvePublicKey) -> None:
    path.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


Spoil = Callable[[Scene], object]


def edited(change: Callable[[dict], object], kind: str = "signature") -> Spoil:
    """Spoils the sigstore bundle around a statement, whose signature stays."""

    def spoil(scene: Scene) -> None:
        path = scene.statement(kind)
        value = json.loads(path.read_text())
        change(value)
        path.write_text(json.dumps(value))

    return spoil


def rewritten(change: Callable[[bytes], bytes], kind: str = "signature") -> Spoil:
    """Spoils the bytes of the file with a statement."""
    return lambda scene: scene.statement(kind).write_bytes(change(scene.statement(kind).read_bytes()))


def claimed(change: Callable[[dict], object], kind: str = "signature") -> Spoil:
    """Changes what a statement says and signs that: the signature holds."""

    def spoil(scene: Scene) -> None:
        value = json.loads(scene.payload(kind))
        change(value)
        scene.state(json.dumps(value).encode(), kind)

    return spoil


def stated(change: Callable[[bytes], bytes], kind: str = "signature") -> Spoil:
    """The same for the bytes of a statement."""
    return lambda scene: scene.state(change(scene.payload(kind)), kind)
