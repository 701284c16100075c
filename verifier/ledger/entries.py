"""One entry of the ledger, and the digest that chains it to the one before.

The sha256 of an entry is that of the canonical JSON (verifier/canonical.py) of an object with its number, time,
kind, subject, body and `previous`, the sha256 of the entry before; the first has 64 zeros there.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from verifier.canonical import canonical, digest_of
from verifier.schemas import parse_json

BEGINNING = "0" * 64
CHECK, RELEASE, APPROVAL, EXCEPTION = "check", "release", "approval", "exception"
ADMISSION, REFUSAL, REVOCATIONS = "admission", "refusal", "revocations"
KINDS = (CHECK, RELEASE, APPROVAL, EXCEPTION, ADMISSION, REFUSAL, REVOCATIONS)
Json = Mapping[str, object]
# The name of a folder or a file need not be text: what is none in it is written as `\udcff`.
NO_TEXT = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry as it is stored; `subject` is a model's name, `body` what happened, `sha256` the entry's own."""

    number: int
    time: str
    kind: str
    subject: str
    body: Json
    previous: str
    sha256: str

    @property
    def intact(self) -> bool:
        """Whether the entry is what its digest was taken of."""
        return self.sha256 == digest_of(_said(self))

    @property
    def document(self) -> dict[str, object]:
        """The entry as JSON."""
        return {**_said(self), "sha256": self.sha256}


def _said(entry: Entry) -> dict[str, object]:
    return {
        "number": entry.number,
        "time": entry.time,
        "kind": entry.kind,
        "subject": entry.subject,
        "body": entry.body,
        "previous": entry.previous,
    }


def make_entry(*, number: int, time: str, kind: str, subject: str, body: Json, previous: str) -> Entry:
    """Returns an entry with its digest."""
    body = cast(Json, json.loads(canonical(_texts(body))))  # what is read again is what was hashed
    unsigned = Entry(
        number=number, time=time, kind=kind, subject=_text(subject), body=body, previous=previous, sha256=""
    )
    return Entry(**{**_said(unsigned), "sha256": digest_of(_said(unsigned))})  # type: ignore[arg-type]


def _text(text: str) -> str:
    return NO_TEXT.sub(lambda found: f"\\u{ord(found[0]):x}", text)


def _texts(value: object) -> object:
    if isinstance(value, Mapping):
        return {_text(name): _texts(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_texts(one) for one in value]
    return _text(value) if isinstance(value, str) else value


def parse_body(text: str) -> Json:
    """Returns a body as it was stored.

    Raises:
        ValueError: it is no JSON object.
    """
    value = parse_json(text)
    if not isinstance(value, dict):
        raise ValueError("the body is no JSON object")
    return value
