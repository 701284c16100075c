"""Runs the real command in this process."""

import json
from dataclasses import dataclass
from pathlib import Path

from jsonschema import Draft202012Validator

from tests.commands import run_here
from tests.conftest import REPOSITORY
from tests.gate.scene import Gate

SCHEMA = json.loads((REPOSITORY / "verifier" / "schemas" / "verification.schema.json").read_text())


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the command came to; `document` is its JSON, if it wrote one."""

    code: int
    out: str
    err: str
    document: dict | None

    @property
    def reasons(self) -> set[str]:
        """The reasons of all rows that were refused."""
        return {row["reason"] for row in self.document["rows"] if row["status"] != "passed"}


def said_by(*argv: str) -> Said:
    """Runs a command, without its JSON."""
    code, out, err = run_here(*argv)
    assert "Traceback" not in out + err
    return Said(code=code, out=out, err=err, document=None)


def verify(gate: Gate, *more: str) -> Said:
    """Asks the gate, with every file that is there."""
    target = gate.folder / "verdict.json"
    target.unlink(missing_ok=True)
    argv = [*gate.arguments, *more, "--json", str(target)]
    if not gate.revocations.exists():
        at = argv.index("--revocations")
        del argv[at : at + 2]
    said = said_by(*argv)
    document = json.loads(Path(target).read_text()) if target.exists() else None
    if document is not None:
        Draft202012Validator(SCHEMA).validate(document)
        assert document["verified"] is (said.code == 0)
    return Said(code=said.code, out=said.out, err=said.err, document=document)
