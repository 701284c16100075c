"""Runs the real command in this process."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from jsonschema import Draft202012Validator

from tests.conftest import REPOSITORY
from tests.gate.scene import Gate
from verifier.cli import main

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
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = main(list(argv))
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    assert "Traceback" not in "".join(texts)
    return Said(code=code, out=texts[0], err=texts[1], document=None)


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
