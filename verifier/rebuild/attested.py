"""Asks a rebuilder to state what its store has built, and reads the answer, which only a gate can believe."""

import json
import subprocess
from collections.abc import Mapping
from typing import cast

from verifier.errors import CouldNotCheck
from verifier.rebuild.remote import Remote
from verifier.schemas import OWN, mismatch, parse_json
from verifier.signing.envelope import parse_signed
from verifier.signing.provenance import provenance_facts
from verifier.signing.reasons import Refused
from verifier.signing.statement import parse_statement
from verifier.verdict import Attested

SCHEMA = OWN / "attested.schema.json"
MOST_BYTES = 64 << 20
WAIT_SECONDS = 3600
SET_UP = (
    "Install samebits there, with a key of its own: docs/guides/rebuilders.md; the rows stand without it."
)


def attested_by(remote: Remote, program: str, derivation: str, name: str, version: str) -> Attested:
    """Returns what the rebuilder states of a derivation; whether it may be believed is for a gate to say.

    Raises:
        CouldNotCheck: it states nothing, or something else.
    """
    words = [program, "attest", derivation, *(["--store", remote.store_root] if remote.store_root else [])]
    try:
        done = subprocess.run(remote.ssh(words), capture_output=True, check=False, timeout=WAIT_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CouldNotCheck(f"{remote.host} did not answer: {error}", advice=SET_UP) from error
    if done.returncode != 0:
        lines = done.stderr[-2000:].decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
        raise CouldNotCheck(f"{remote.host} states nothing: {lines[0][:300]}", advice=SET_UP)
    try:
        return _parsed(done.stdout, (name, version, derivation))
    except (ValueError, Refused) as error:
        said = error.sentence if isinstance(error, Refused) else str(error)
        raise CouldNotCheck(f"{remote.host} states something else: {said[:300]}", advice=SET_UP) from error


def _parsed(content: bytes, wanted: tuple[str, str, str]) -> Attested:
    if len(content) > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES >> 20} MiB")
    value = parse_json(content.decode("utf-8"))
    wrong = mismatch(value, SCHEMA)
    if wrong is not None:
        raise ValueError(f"the answer{wrong}")
    answer = cast(dict[str, object], value)
    found = {}
    for file, document in cast(Mapping[str, object], answer["statements"]).items():
        signed = json.dumps(document).encode("utf-8")
        statement = parse_statement(parse_signed(signed, file).payload)
        facts = provenance_facts(statement)
        if (facts.model, facts.version, facts.derivation) != wanted:
            raise ValueError(f"{file} is about {facts.model} {facts.version}, from another derivation")
        if statement.sha256 != answer["root_sha256"]:
            raise ValueError(f"{file} is about another bundle than the answer")
        found[file] = signed
    return Attested(bundle=str(answer["bundle"]), root=str(answer["root_sha256"]), statements=found)
