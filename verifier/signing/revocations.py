"""The list of what may not be deployed any more: digests, signers with a window of time, derivations.

A person writes it in YAML, `verifier revoke` signs it whole. A newer list replaces the one before, with a greater
number.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from verifier.canonical import digest_of
from verifier.clock import parse_time, rfc3339
from verifier.contract.held import hold
from verifier.contract.strict_yaml import read_yaml
from verifier.schemas import OWN, mismatch
from verifier.signing.envelope import Json
from verifier.signing.reasons import Reason, Refused
from verifier.signing.statement import Statement

PREDICATE_TYPE = "urn:samebits:revocations:v1"
SCHEMA = OWN / "revocations.schema.json"
ADVICE = "The format is in docs/reference/signing.md."
Lines = Sequence[Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class RevokedSigner:
    """A signer whose signatures of some time are worth nothing; without an end or a beginning it is open."""

    identifier: str
    start: datetime | None
    end: datetime | None
    reason: str

    def covers(self, times: Sequence[datetime]) -> bool:
        """Returns whether a signature of these proven times is among them; without a time it may be of any."""
        return not times or any(
            (self.start is None or self.start <= time) and (self.end is None or time <= self.end)
            for time in times
        )


@dataclass(frozen=True, kw_only=True)
class SeenList:
    """A list that was seen before: its number, and the sha256 (hex) of what it says."""

    number: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class RevocationList:
    """A list, and when it was issued; digests (hex) and derivations each with the reason."""

    number: int
    issued: datetime
    digests: Mapping[str, str]
    signers: tuple[RevokedSigner, ...]
    derivations: Mapping[str, str]
    document: Json

    @property
    def sha256(self) -> str:
        """The digest (hex) of what it says, whenever it was issued."""
        return digest_of(self.document)

    def digest_revoked(self, digests: Iterable[str]) -> tuple[str, str] | None:
        """Returns the first of these sha256 (hex) that is revoked, and why."""
        return next(((one, self.digests[one]) for one in digests if one in self.digests), None)

    def signer_revoked(self, identifier: str, times: Sequence[datetime]) -> str | None:
        """Returns why a signature is worth nothing; `identifier` is that of a pin (signers.py)."""
        return next((s.reason for s in self.signers if s.identifier == identifier and s.covers(times)), None)

    def derivation_revoked(self, derivation: str) -> str | None:
        """Returns why what was built from a derivation is revoked."""
        return self.derivations.get(derivation)


def read_list(path: Path, issued: datetime) -> RevocationList:
    """Reads a list that a person wrote, to be issued at that time.

    Raises:
        BadInput: it is no such list; the sentence names file and line.
    """
    marked = read_yaml(path, advice=ADVICE)
    hold(marked, SCHEMA)
    document = cast(Json, marked.value)
    for index, one in enumerate(cast(Lines, document.get("signers", []))):
        if (wrong := _wrong(one)) is not None:
            raise marked.bad(wrong, "signers", index)
    return _list_of(document, issued)


def _wrong(signer: Mapping[str, str]) -> str | None:
    if ("key" in signer) == ("signer" in signer) or ("signer" in signer) != ("issuer" in signer):
        return "a signer is named by 'key', or by 'signer' with 'issuer'"
    try:
        start, end = (parse_time(signer[name]) if name in signer else None for name in ("from", "until"))
    except ValueError as error:
        return str(error)
    return "a window ends before it begins" if start and end and end < start else None


def _list_of(document: Json, issued: datetime) -> RevocationList:
    parts = {name: cast(Lines, document.get(name, [])) for name in ("digests", "signers", "derivations")}
    return RevocationList(
        number=cast(int, document["number"]),
        issued=issued,
        digests={one["sha256"]: one["reason"] for one in parts["digests"]},
        signers=tuple(map(_signer, parts["signers"])),
        derivations={one["path"]: one["reason"] for one in parts["derivations"]},
        document=document,
    )


def _signer(one: Mapping[str, str]) -> RevokedSigner:
    return RevokedSigner(
        identifier=one["key"] if "key" in one else f"{one['signer']} {one['issuer']}",
        start=parse_time(one["from"]) if "from" in one else None,
        end=parse_time(one["until"]) if "until" in one else None,
        reason=one["reason"],
    )


def revocation_statement(found: RevocationList) -> Statement:
    """Returns the statement to be signed; its subject is the list itself, by the sha256 of its canonical JSON."""
    return Statement(
        name=f"revocations-{found.number}",
        sha256=digest_of(found.document),
        predicate_type=PREDICATE_TYPE,
        predicate={"issuedOn": rfc3339(found.issued), "list": found.document},
    )


def parse_revocations(statement: Statement) -> RevocationList:
    """Returns the list in a statement.

    Raises:
        Refused: it is none.
    """
    said = statement.predicate
    if statement.predicate_type != PREDICATE_TYPE or said.keys() != {"issuedOn", "list"}:
        raise Refused(Reason.UNKNOWN_TYPE, "the file holds no list of revocations")
    document = said["list"]
    wrong = mismatch(document, SCHEMA)
    if wrong is not None or not isinstance(document, dict):
        raise Refused(Reason.UNKNOWN_FORMAT, f"the list of revocations{wrong or ' is none'}")
    for one in cast(Lines, document.get("signers", [])):
        if (fault := _wrong(one)) is not None:
            raise Refused(Reason.UNKNOWN_FORMAT, f"the list of revocations: {fault}")
    if statement.sha256 != digest_of(document):
        raise Refused(Reason.WRONG_SUBJECT, "the statement is about another list than it holds")
    try:
        return _list_of(document, parse_time(said["issuedOn"]))
    except ValueError as error:
        raise Refused(Reason.UNKNOWN_FORMAT, f"when the list was issued: {error}") from error
