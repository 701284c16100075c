"""One attack as it is declared, and how `verifier verify` is run on what it leaves."""

import json
from dataclasses import dataclass

from tests.attacks.scene import Scene, Spoil
from tests.commands import run_here
from verifier.signing.reasons import Reason

USAGE = "bad usage"


@dataclass(frozen=True, kw_only=True)
class Attack:
    """What is done to a valid scene, and what must be said.

    `reason` is None where the command line is refused (exit code 2). `also` are reasons that other rows give.
    """

    name: str
    what: str
    reason: Reason | None
    spoil: Spoil
    keyless: bool = False
    also: tuple[Reason, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """All reasons that are given, in words."""
        return tuple(map(str, (self.reason, *self.also))) if self.reason else (USAGE,)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the command came to; `document` is its JSON, if it wrote one."""

    code: int
    out: str
    err: str
    document: dict | None


def verify(scene: Scene, *more: str) -> Said:
    """Runs the real command in this process."""
    target = scene.folder / "verdict.json"
    target.unlink(missing_ok=True)
    with scene.meanwhile:
        code, out, err = run_here("verify", str(scene.bundle), *scene.who, "--json", str(target), *more)
    document = json.loads(target.read_text()) if target.exists() else None
    return Said(code=code, out=out, err=err, document=document)


def reasons(said: Said) -> set[str]:
    """The reasons of all rows that were refused."""
    rows = said.document["rows"] if said.document else []
    return {row["reason"] for row in rows if row["status"] != "passed"}
