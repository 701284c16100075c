"""The transparency log: keeps signatures in a Merkle tree and proves that they are in it.

The interface is Rekor v2's (`rekor-tiles/CLIENTS.md`), the tree RFC 6962's, the checkpoint C2SP's
`tlog-checkpoint` in a C2SP `signed-note` with an ECDSA signature.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.keyless.bends import Bends
from tests.keyless.keys import base64_text, key_id, new_key

ORIGIN = "127.0.0.1"
"""The log's name on checkpoints. Go's clients expect the host name of its URL, without the port."""
HASHES = {
    "PKIX_ECDSA_P256_SHA_256": ("SHA2_256", hashes.SHA256()),
    "PKIX_ECDSA_P384_SHA_384": ("SHA2_384", hashes.SHA384()),
    "PKIX_ECDSA_P521_SHA_512": ("SHA2_512", hashes.SHA512()),
}


@dataclass(frozen=True, kw_only=True)
class Rekor:
    """The log: its entries in the order in which they came."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)
    foreign_key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)
    bodies: list[bytes]
    lock: Lock = field(default_factory=Lock)

    def add(self, request: Mapping[str, object], bends: Bends) -> dict[str, object]:
        """Stores what `request` asks for; returns the entry as a TransparencyLogEntry in JSON."""
        body = _body(request)
        with self.lock:
            if not bends.unstored:
                self.bodies.append(body)
            index = len(self.bodies) - 1
            if bends.other_entry:
                index -= 1
                body = self.bodies[index]
            return self._entry(index, body, bends)

    def promise(self, body: bytes, moment: datetime) -> dict[str, object]:
        """Stores an entry of version 1 of the log, which promises it with the moment: a signed entry timestamp."""
        with self.lock:
            self.bodies.append(body)
            entry = self._entry(len(self.bodies) - 1, body, Bends())
        parsed, seconds = json.loads(body), int(moment.timestamp())
        promised = {
            "body": base64_text(body),
            "integratedTime": seconds,
            "logID": key_id(self.key).hex(),
            "logIndex": int(str(entry["logIndex"])),
        }
        message = json.dumps(promised, sort_keys=True, separators=(",", ":")).encode()
        return {
            **entry,
            "kindVersion": {"kind": parsed["kind"], "version": parsed["apiVersion"]},
            "integratedTime": str(seconds),
            "inclusionPromise": {
                "signedEntryTimestamp": base64_text(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
            },
        }

    def _entry(self, index: int, body: bytes, bends: Bends) -> dict[str, object]:
        root = tree_hash(self.bodies)
        key = self.foreign_key if bends.foreign_log else self.key
        return {
            "logIndex": str(index),
            "logId": {"keyId": base64_text(key_id(self.key))},
            "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
            "inclusionProof": {
                "logIndex": str(index),
                "rootHash": base64_text(root),
                "treeSize": str(len(self.bodies)),
                "hashes": [base64_text(each) for each in inclusion_path(index, self.bodies)],
                "checkpoint": {"envelope": self._checkpoint(root, key)},
            },
            "canonicalizedBody": base64_text(body),
        }

    def _checkpoint(self, root: bytes, key: ec.EllipticCurvePrivateKey) -> str:
        note = f"{ORIGIN}\n{len(self.bodies)}\n{base64_text(root)}\n"
        signature = key.sign(note.encode(), ec.ECDSA(hashes.SHA256()))
        return f"{note}\n— {ORIGIN} {base64_text(key_id(self.key)[:4] + signature)}\n"


def tree_hash(bodies: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of at least one leaf (RFC 6962 section 2.1)."""
    if len(bodies) == 1:
        return hashlib.sha256(b"\0" + bodies[0]).digest()
    middle = _split(len(bodies))
    return hashlib.sha256(b"\1" + tree_hash(bodies[:middle]) + tree_hash(bodies[middle:])).digest()


def inclusion_path(index: int, bodies: Sequence[bytes]) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root, the leaf's neighbour first (RFC 6962 section 2.1.1)."""
    if len(bodies) == 1:
        return []
    middle = _split(len(bodies))
    if index < middle:
        return [*inclusion_path(index, bodies[:middle]), tree_hash(bodies[middle:])]
    return [*inclusion_path(index - middle, bodies[middle:]), tree_hash(bodies[:middle])]


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _body(request: Mapping[str, object]) -> bytes:
    """The entry in canonical JSON (RFC 8785): keys sorted, all of it ASCII.

    Version 2 of the log knows one kind; of an envelope in DSSE the digest is its pre-authentication encoding's.
    """
    match request:
        case {"hashedRekordRequestV002": {"digest": str(digest), "signature": dict(signature)}}:
            algorithm = _check(base64.b64decode(digest), signature)
        case _:
            raise ValueError("the request is no hashedRekordRequestV002")
    spec = {"data": {"algorithm": algorithm, "digest": digest}, "signature": signature}
    entry = {"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": {"hashedRekordV002": spec}}
    return json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()


def _check(digest: bytes, signature: Mapping[str, object]) -> str:
    """Refuses a signature that its verifier did not make, as Rekor does; returns the hash algorithm's name."""
    match signature:
        case {"content": str(content), "verifier": {"keyDetails": str(details), **verifier}} if (
            details in HASHES
        ):
            key = _key(verifier)
        case _:
            raise ValueError(
                f"a signature has content and a verifier with keyDetails, one of {', '.join(HASHES)}"
            )
    name, algorithm = HASHES[details]
    try:
        key.verify(base64.b64decode(content), digest, ec.ECDSA(utils.Prehashed(algorithm)))
    except InvalidSignature as error:
        raise ValueError("the signature is not the verifier's") from error
    return name


def _key(verifier: Mapping[object, object]) -> ec.EllipticCurvePublicKey:
    match verifier:
        case {"x509Certificate": {"rawBytes": str(raw)}}:
            key: object = x509.load_der_x509_certificate(base64.b64decode(raw)).public_key()
        case {"publicKey": {"rawBytes": str(raw)}}:
            key = load_der_public_key(base64.b64decode(raw))
        case _:
            raise ValueError("a verifier is an x509Certificate or a publicKey")
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("only keys on elliptic curves are logged")
    return key
