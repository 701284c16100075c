"""Keyless signatures with sigstore: a certificate of some minutes, a transparency log, and a trusted root.

The trusted root comes from a file, or is the public instance's as it lies in the `sigstore` wheel. The client's
own cache is never read: with `offline=True` it trusts that cache as it is found.
"""

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from pydantic import ValidationError
from sigstore.errors import CertValidationError, Error, VerificationError
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier, policy
from sigstore_models.trustroot import v1 as trustroot

from verifier.errors import BadInput
from verifier.signing.envelope import Signed
from verifier.signing.reasons import Reason, Refused

PUBLIC_INSTANCE = "https://tuf-repo-cdn.sigstore.dev"
GIVE_ROOT = "Name the trusted_root.json of your sigstore instance, as it is published there."
# What the library says, and the reason that it is; the first that fits.
SAID = (
    ("expected exactly one log entry", Reason.NOT_LOGGED),
    ("inclusion promise or signed timestamp", Reason.NO_TIMESTAMP),
    ("not enough sources of verified time", Reason.NO_TIMESTAMP),
    ("no timestamp authorities", Reason.NO_TIMESTAMP),
    ("duplicate timestamp", Reason.NO_TIMESTAMP),
    ("invalid timestamp response", Reason.NO_TIMESTAMP),
    ("expired at time of signing", Reason.EXPIRED),
    ("cert is not valid at validation time", Reason.EXPIRED),
    ("failed to build timestamp certificate chain", Reason.UNTRUSTED_CERTIFICATE),
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
    verifier: Verifier

    def verify(self, signed: Signed, signer: str, issuer: str) -> Refused | None:
        """Proves certificate, time, log entry and signature; returns why not, or nothing."""
        refusal = _refuse_unproven(signed)
        if refusal is not None:
            return refusal
        try:
            bundle = Bundle.from_json(json.dumps(signed.document))
            who = policy.Identity(identity=signer, issuer=issuer)
            _, payload = self.verifier.verify_dsse(bundle, who)
        except (Error, ValidationError, ValueError) as error:
            return Refused(_reason(error), f"it is not proven: {' '.join(str(error).split())[:300]}")
        if payload != signed.payload:
            return Refused(Reason.BAD_SIGNATURE, "what is signed is read in two ways")
        return None


def load_root(path: Path | None) -> Root:
    """Reads a trusted root from `path`, or the public instance's from the wheel.

    Raises:
        BadInput: it is no trusted root.
    """
    try:
        content = path.read_bytes() if path else _public_root()
        # Not TrustedRoot.from_file: what is verified with and whose digest is recorded are the same bytes.
        verifier = Verifier(trusted_root=TrustedRoot(trustroot.TrustedRoot.from_json(content)))
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}", advice=GIVE_ROOT) from error
    except (Error, ValueError) as error:
        raise BadInput(f"{path} is no trusted root of sigstore", advice=GIVE_ROOT) from error
    return Root(sha256=hashlib.sha256(content).hexdigest(), verifier=verifier)


def _public_root() -> bytes:
    folder = files("sigstore") / "_store" / quote(PUBLIC_INSTANCE, safe="")
    return (folder / "trusted_root.json").read_bytes()


def _refuse_unproven(signed: Signed) -> Refused | None:
    """Refuses numbers of a log entry that no proof covers: they may say anything."""
    material = signed.document["verificationMaterial"]
    assert isinstance(material, dict)
    for entry in material["tlogEntries"]:
        promised = "inclusionPromise" in entry
        if not promised and str(entry.get("integratedTime", "0")) != "0":
            return Refused(Reason.BAD_LOG_PROOF, "the log's entry has a time that nobody signed")
        if not promised and str(entry["logIndex"]) != str(entry["inclusionProof"]["logIndex"]):
            return Refused(Reason.BAD_LOG_PROOF, "the log's entry has two places in the log")
    return None


def _reason(error: Exception) -> Reason:
    said = str(error).lower()
    for words, reason in SAID:
        if words in said:
            return reason
    if isinstance(error, CertValidationError):
        return Reason.UNTRUSTED_CERTIFICATE
    return Reason.BAD_LOG_PROOF if isinstance(error, VerificationError) else Reason.UNKNOWN_FORMAT
