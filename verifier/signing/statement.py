"""in-toto Statements v1: written, and read strictly. Format: in-toto attestation, spec/v1/statement.md."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from verifier.schemas import parse_json
from verifier.signing.envelope import Json
from verifier.signing.reasons import Reason, Refused

STATEMENT = "https://in-toto.io/Statement/v1"
# The same members under an older name, which cosign attest-blob still writes.
STATEMENTS = {STATEMENT, "https://in-toto.io/Statement/v0.1"}


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement about one subject: its name, its sha256 (hex), and what is said of it."""

    name: str
    sha256: str
    predicate_type: str
    predicate: Json


def statement_bytes(statement: Statement) -> bytes:
    """Returns the statement as JSON; equal statements give equal bytes."""
    subject = {"name": statement.name, "digest": {"sha256": statement.sha256}}
    value = {
        "_type": STATEMENT,
        "subject": [subject],
        "predicateType": statement.predicate_type,
        "predicate": statement.predicate,
    }
    return json.dumps(value, sort_keys=True, ensure_ascii=False).encode("utf-8")


def parse_statement(payload: bytes) -> Statement:
    """Parses a statement. Other members than those of the format are refused.

    Only one subject is accepted: with several, a verifier that looks for one of them accepts others swapped.

    Raises:
        Refused: it is no such statement.
    """
    try:
        value = parse_json(payload.decode("utf-8"))
    except ValueError as error:
        raise Refused(Reason.UNKNOWN_FORMAT, f"the statement cannot be read as JSON: {error}") from error
    if not isinstance(value, dict) or value.keys() - {"predicate"} != {"_type", "subject", "predicateType"}:
        raise Refused(Reason.UNKNOWN_FORMAT, "the statement has other members than an in-toto statement")
    if not isinstance(value["_type"], str) or value["_type"] not in STATEMENTS:
        raise Refused(Reason.UNKNOWN_FORMAT, f"it is no {STATEMENT}")
    predicate_type, predicate = value["predicateType"], value.get("predicate", {})
    if not isinstance(predicate_type, str) or not isinstance(predicate, dict):
        raise Refused(Reason.UNKNOWN_FORMAT, "the statement's predicate is no object with a type")
    name, sha256 = _subject(value["subject"])
    return Statement(name=name, sha256=sha256, predicate_type=predicate_type, predicate=predicate)


def _subject(value: object) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict):
        raise Refused(Reason.WRONG_SUBJECT, "the statement has not exactly one subject")
    subject = cast(Mapping[str, object], value[0])
    digest = subject.get("digest")
    name, sha256 = subject.get("name", ""), digest.get("sha256") if isinstance(digest, dict) else None
    known = subject.keys() <= {"name", "digest"} and isinstance(digest, dict) and digest.keys() == {"sha256"}
    if not known or not isinstance(sha256, str) or not isinstance(name, str):
        raise Refused(Reason.WRONG_SUBJECT, "the statement's subject is not a name with a sha256")
    return name, sha256
