"""Sigstore bundles v0.3 around a DSSE envelope: read strictly, and written.

Formats: sigstore's protobuf-specs (bundle v0.3, in proto3 JSON, whose default values may be left out), and DSSE
v1.0.2 (protocol.md, the pre-authentication encoding).
"""

import base64
import binascii
import hashlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

from verifier.schemas import OWN, mismatch, parse_json, parts
from verifier.signing.reasons import Reason, Refused
from verifier.signing.tree import open_plain

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
MOST_BYTES = 128 << 20
# Base64 has no commas and brackets.
MOST_PARTS = 10_000
# The members of a sigstore bundle that are bytes.
BYTES = {
    *("canonicalizedBody", "hashes", "keyId", "payload", "rawBytes", "rootHash"),
    *("sig", "signedEntryTimestamp", "signedTimestamp"),
}
Json: TypeAlias = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A statement's bytes and its signature, not yet verified.

    `hint` is set of one that was signed with a key, `certificate` (DER) of one with a certificate. `document` is
    the sigstore bundle with all its default values, `sha256` (hex) that of the bytes it was read from.
    """

    payload: bytes
    signature: bytes
    hint: str | None
    certificate: bytes | None
    document: Json
    sha256: str = ""

    @property
    def message(self) -> bytes:
        """What is signed: DSSE's pre-authentication encoding of the payload."""
        return pre_authentication_encoding(self.payload)


def pre_authentication_encoding(payload: bytes) -> bytes:
    """Returns what DSSE signs of an in-toto statement."""
    kind = PAYLOAD_TYPE.encode("ascii")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def read_signed(path: Path) -> Signed:
    """Reads a sigstore bundle from a plain file.

    Raises:
        Refused: it is a link, too large, or no such bundle.
        OSError: it cannot be read.
    """
    return parse_signed(plain_content(path), path.name)


def plain_content(path: Path) -> bytes:
    """Returns the bytes of a plain file that may be a sigstore bundle.

    Raises:
        Refused: it is a link, no plain file, or too large.
        OSError: it cannot be read.
    """
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise Refused(Reason.LINK, f"{path.name} is a symbolic link")
    if not stat.S_ISREG(status.st_mode):
        raise Refused(Reason.SPECIAL_FILE, f"{path.name} is no plain file")
    with os.fdopen(open_plain(path), "rb") as file:
        content = file.read(MOST_BYTES + 1) if status.st_size <= MOST_BYTES else b""
    if status.st_size > MOST_BYTES or len(content) > MOST_BYTES:
        raise Refused(Reason.TOO_LARGE, f"{path.name} has more than {MOST_BYTES >> 20} MiB")
    return content


def parse_signed(content: bytes, name: str) -> Signed:
    """Parses a sigstore bundle; `name` is what it is called in an error.

    Raises:
        Refused: it is no sigstore bundle v0.3 with one DSSE signature.
    """
    if parts(content) > MOST_PARTS:
        raise Refused(Reason.TOO_LARGE, f"{name} has more than {MOST_PARTS} parts")
    try:
        value = _without_null(parse_json(content.decode("utf-8")))
    except (ValueError, RecursionError) as error:
        raise Refused(Reason.UNKNOWN_FORMAT, f"{name} cannot be read as JSON: {error}") from error
    wrong = mismatch(value, OWN / "sigstore-bundle.schema.json")
    if wrong is not None:
        raise Refused(Reason.UNKNOWN_FORMAT, f"{name}{wrong}")
    document = _with_defaults(cast(Json, value))
    _refuse_lax_base64(document, name)
    material = cast(Json, document["verificationMaterial"])
    envelope = cast(Json, document["dsseEnvelope"])
    (signature,) = cast(list[Json], envelope["signatures"])
    key, certificate = cast(Json | None, material.get("publicKey")), material.get("certificate")
    return Signed(
        payload=base64.b64decode(str(envelope["payload"])),
        signature=base64.b64decode(str(signature["sig"])),
        hint=None if key is None else str(key.get("hint", "")),
        certificate=None
        if certificate is None
        else base64.b64decode(str(cast(Json, certificate)["rawBytes"])),
        document=document,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _without_null(value: object) -> object:
    """Returns the value without members that are null, which in proto3 JSON means the default."""
    if isinstance(value, dict):
        return {name: _without_null(member) for name, member in value.items() if member is not None}
    return [_without_null(member) for member in value] if isinstance(value, list) else value


def _with_defaults(document: Json) -> Json:
    """Returns the document with the default values that proto3 JSON may leave out."""
    material = cast(Json, document["verificationMaterial"])
    entries = []
    for entry in cast(list[Json], material.get("tlogEntries", [])):
        proof = {"logIndex": "0", "hashes": [], **cast(Json, entry["inclusionProof"])}
        entries.append({"logIndex": "0", **entry, "inclusionProof": proof})
    return {**document, "verificationMaterial": {**material, "tlogEntries": entries}}


def _refuse_lax_base64(value: object, name: str) -> None:
    """Refuses bytes that are not in the one form of base64: whoever reads them later skips what is none."""
    if isinstance(value, dict):
        for member, inner in value.items():
            if member in BYTES:
                for text in inner if isinstance(inner, list) else [inner]:
                    _refuse_lax(text, name)
            else:
                _refuse_lax_base64(inner, name)
    elif isinstance(value, list):
        for inner in value:
            _refuse_lax_base64(inner, name)


def _refuse_lax(text: object, name: str) -> None:
    try:
        content = base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(Reason.UNKNOWN_FORMAT, f"{name}: a part of it is no base64") from error
    if base64.b64encode(content).decode("ascii") != text:
        raise Refused(Reason.UNKNOWN_FORMAT, f"{name}: a part of it is not in the one form of base64")


def key_signed_document(payload: bytes, signature: bytes, hint: str) -> bytes:
    """Returns a sigstore bundle for a statement that was signed with a key; no log has an entry of it."""
    document = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": hint}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode("ascii"),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": base64.b64encode(signature).decode("ascii"), "keyid": ""}],
        },
    }
    return json.dumps(document).encode("utf-8")
