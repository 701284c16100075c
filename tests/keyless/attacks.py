"""What somebody does to a finished bundle who cannot sign: from the text of bundles to the text of one."""

import base64
import json
from collections.abc import Callable


def without_log_entry(bundle: str) -> str:
    """The signature was never published."""
    return _changed(bundle, lambda material: material.update(tlogEntries=[]))


def without_timestamp(bundle: str) -> str:
    """Nobody says when it was signed."""
    return _changed(bundle, lambda material: material.pop("timestampVerificationData"))


def with_log_entry_of(other: str, bundle: str) -> str:
    """The log entry, genuine, is that of another signature."""
    return _with("tlogEntries", other, bundle)


def with_timestamp_of(other: str, bundle: str) -> str:
    """The timestamp, genuine, is that of another signature."""
    return _with("timestampVerificationData", other, bundle)


def with_certificate_of(other: str, bundle: str) -> str:
    """The certificate, genuine, is another signer's."""
    return _with("certificate", other, bundle)


def with_statement(statement: bytes, bundle: str) -> str:
    """The statement is another than was signed."""
    value = json.loads(bundle)
    value["dsseEnvelope"]["payload"] = base64.b64encode(statement).decode()
    return json.dumps(value)


def _with(name: str, other: str, bundle: str) -> str:
    taken = json.loads(other)["verificationMaterial"][name]
    return _changed(bundle, lambda material: material.update({name: taken}))


def _changed(bundle: str, change: Callable[[dict[str, object]], object]) -> str:
    value = json.loads(bundle)
    change(value["verificationMaterial"])
    return json.dumps(value)
