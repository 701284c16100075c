"""Keyless signatures with sigstore: a certificate of some minutes, a transparency log, and a trusted root.

The trusted root comes from a file, or is the public instance's as it lies in the `sigstore` wheel. The client's
own cache is never read: with `offline=True` it trusts that cache as it is found.
"""

import base64
import hashlib
import json
import warnings
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import cast
from urllib.parse import quote

from pydantic import ValidationError
from sigstore.errors import CertValidationError, Error, VerificationError
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier, policy
from sigstore_models.trustroot import v1 as trustroot

from verifier.errors import BadInput
from verifier.signing.envelope import Json, Signed
from verifier.signing.reasons import Reason, Refused
from verifier.signing.signers import UNREADABLE
from verifier.signing.validity import in_force, signing_times

PUBLIC_INSTANCE = "https://tuf-repo-cdn.sigstore.dev"
MOST_BYTES = 16 << 20
GIVE_ROOT = "Name the trusted_root.json of your sigstore instance, as it is published there."
# What the library says, and the reason that it is; the first that fits.
SAID = (
    ("expected exactly one log entry", Reason.NOT_LOGGED),
    ("inclusion promise or signed timestamp", Reason.NO_TIMESTAMP),
    ("not enough sources of verified time", Reason.NO_TIMESTAMP),
    ("no timestamp authorities", Reason.NO_TIMESTAMP),
    ("invalid timestamp response", Reason.NO_TIMESTAMP),
    ("malformed timestamptoken", Reason.NO_TIMESTAMP),
    ("not a valid x509 version", Reason.NO_TIMESTAMP),  # of a certificate in it; the signer's has been read
    ("expired at time of signing", Reason.EXPIRED),
    ("cert is not valid at validation time", Reason.EXPIRED),
    ("failed to verify sct", Reason.UNTRUSTED_CERTIFICATE),
    ("usage", Reason.UNTRUSTED_CERTIFICATE),
    ("log entry is inconsistent", Reason.WRONG_LOG_ENTRY),
    ("log entry payload hash", Reason.WRONG_LOG_ENTRY),
    ("log entry signatures", Reason.WRONG_LOG_ENTRY),
    ("invalid log entry", Reason.BAD_LOG_PROOF),
    ("dsse: invalid signature", Reason.BAD_SIGNATURE),
    ("signature is invalid", Reason.BAD_SIGNATURE),
)


@dataclass(frozen=True, kw_only=True)
class Root:
    """A trusted root, and the sha256 (hex) of the file that it was read from."""

    sha256: str
    content: trustroot.TrustedRoot
    verifier: Verifier

    def verify(self, signed: Signed, signer: str, issuer: str) -> Refused | None:
        """Proves certificate, time, log entry and signature; returns why not, or nothing."""
        try:
            with warnings.catch_warnings(action="ignore"):
                # Either extension: a certificate may have one alone, and the pin has held both against the issuer.
                issued = policy.AnyOf([policy.OIDCIssuer(issuer), policy.OIDCIssuerV2(issuer)])
                who = policy.AllOf([policy.Identity(identity=signer), issued])
                for document in _with_each_time(signed.document):
                    bundle = Bundle.from_json(json.dumps(document))
                    _, payload = self.verifier.verify_dsse(bundle, who)
                    self._refuse_withdrawn(bundle, who)
        except Refused as refused:
            return refused
        except (Error, ValidationError, *UNREADABLE) as error:
            return Refused(_reason(error), f"it is not proven: {' '.join(str(error).split())[:300]}")
        if payload != signed.payload:
            return Refused(Reason.BAD_SIGNATURE, "what is signed is read in two ways")
        return self._refuse_unproven(signed)

    def _refuse_withdrawn(self, bundle: Bundle, who: policy.VerificationPolicy) -> None:
        """Verifies again with what was in force at the proven time, where that is not all of the root."""
        then = in_force(self.content, signing_times(bundle))
        if then != self.content:
            Verifier(trusted_root=TrustedRoot(then)).verify_dsse(bundle, who)

    def _refuse_unproven(self, signed: Signed) -> Refused | None:
        """Refuses what a log entry says of itself and the library does not hold against a proof.

        The same hashes prove other places in logs of other sizes, and of the log's name four bytes are looked at.
        """
        material = cast(Json, signed.document["verificationMaterial"])
        logs = {base64.b64encode(log.log_id.key_id).decode("ascii") for log in self.content.tlogs}
        for entry in cast(list[Json], material["tlogEntries"]):
            proof, promised = cast(Json, entry["inclusionProof"]), "inclusionPromise" in entry
            dated = str(entry.get("integratedTime", "0")) != "0"
            if cast(Json, entry["logId"])["keyId"] not in logs:
                return Refused(Reason.BAD_LOG_PROOF, "the log's entry is from a log that is not trusted")
            if str(proof["treeSize"]) != _size_of_checkpoint(proof):
                return Refused(Reason.BAD_LOG_PROOF, "the log's entry has another log than its checkpoint")
            if dated and not promised:
                return Refused(Reason.BAD_LOG_PROOF, "the log's entry has a time that nobody signed")
            if promised and not dated:  # the library verifies the promise of a time alone
                return Refused(Reason.BAD_LOG_PROOF, "the log's entry has a promise of no time")
            if not promised and str(entry["logIndex"]) != str(proof["logIndex"]):
                return Refused(Reason.BAD_LOG_PROOF, "the log's entry has two places in the log")
        return None


def proven_times(signed: Signed) -> tuple[datetime, ...]:
    """Returns the times that the timestamps and the log of a verified statement have."""
    return tuple(signing_times(Bundle.from_json(json.dumps(signed.document))))


def load_root(path: Path | None) -> Root:
    """Reads a trusted root from `path`, or the public instance's from the wheel.

    Raises:
        BadInput: it is no trusted root.
    """
    try:
        content = _content(path) if path else _public_root()
        # Not TrustedRoot.from_file: what is verified with and whose digest is recorded are the same bytes.
        root = trustroot.TrustedRoot.from_json(content)
        trusted = TrustedRoot(root)
        verifier = Verifier(trusted_root=trusted)
        trusted.get_timestamp_authorities()  # reads their certificates
        if not root.ctlogs:
            raise ValueError("no log of certificates, without which none can be proven")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}", advice=GIVE_ROOT) from error
    except (Error, ValueError) as error:
        raise BadInput(f"{path} is no trusted root of sigstore", advice=GIVE_ROOT) from error
    return Root(sha256=hashlib.sha256(content).hexdigest(), content=root, verifier=verifier)


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError("it is too large")
    return content


def _public_root() -> bytes:
    folder = files("sigstore") / "_store" / quote(PUBLIC_INSTANCE, safe="")
    return (folder / "trusted_root.json").read_bytes()


def _with_each_time(document: Json) -> list[Json]:
    """Returns the document, and where it has a timestamp and a promised time also one without the promise.

    For the library one time that holds is enough, and it passes over a timestamp that does not.
    """
    material = cast(Json, document["verificationMaterial"])
    entries = cast(list[Json], material["tlogEntries"])
    unpromised = [
        {name: value for name, value in entry.items() if name not in ("inclusionPromise", "integratedTime")}
        for entry in entries
    ]
    if not material.get("timestampVerificationData") or unpromised == entries:
        return [document]
    return [document, {**document, "verificationMaterial": {**material, "tlogEntries": unpromised}}]


def _size_of_checkpoint(proof: Json) -> str:
    """Returns the second line of a checkpoint: the log's size, which it signs (C2SP tlog-checkpoint)."""
    lines = str(cast(Json, proof["checkpoint"])["envelope"]).split("\n")
    return lines[1] if len(lines) > 1 else ""


def _reason(error: Exception) -> Reason:
    said = str(error).lower()
    for words, reason in SAID:
        if words in said:
            return reason
    if isinstance(error, CertValidationError):
        return Reason.UNTRUSTED_CERTIFICATE
    return Reason.BAD_LOG_PROOF if isinstance(error, VerificationError) else Reason.UNKNOWN_FORMAT
