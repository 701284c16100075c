"""Keys of one's own: EC P-256, P-384 and P-521 in PEM, as OpenSSF Model Signing has them."""

import base64
import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from verifier.errors import BadInput

HASHES: dict[str, hashes.HashAlgorithm] = {
    "secp256r1": hashes.SHA256(),
    "secp384r1": hashes.SHA384(),
    "secp521r1": hashes.SHA512(),
}
MOST_BYTES = 1 << 16
MAKE = "Make one: openssl ecparam -name prime256v1 -genkey -noout -out key.pem"
PUBLIC = "Give its public half: openssl pkey -in key.pem -pubout -out key.pub"


def load_private_key(path: Path, passphrase: bytes | None) -> ec.EllipticCurvePrivateKey:
    """Reads a private key.

    Raises:
        BadInput: it is no such key, or the passphrase is missing or wrong.
    """
    try:
        key = serialization.load_pem_private_key(_read(path), passphrase)
    except TypeError as error:
        what = "has a passphrase" if passphrase is None else "has no passphrase, but one was given"
        raise BadInput(
            f"{path} {what}", advice="Name the file of its passphrase: --passphrase-file"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        what = "cannot be opened with this passphrase" if passphrase else "is no private key in PEM"
        raise BadInput(f"{path} {what}", advice=MAKE) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name not in HASHES:
        raise BadInput(f"{path} is no key on P-256, P-384 or P-521", advice=MAKE)
    return key


def load_public_key(path: Path) -> ec.EllipticCurvePublicKey:
    """Reads a public key.

    Raises:
        BadInput: it is no such key.
    """
    return parse_public_key(_read(path), str(path))


def parse_public_key(content: bytes, name: str) -> ec.EllipticCurvePublicKey:
    """Reads a public key in PEM; `name` is what it is called in an error.

    Raises:
        BadInput: it is no such key.
    """
    if b"PRIVATE KEY" in content:
        raise BadInput(f"{name} is a private key", advice=PUBLIC)
    if content.count(b"-----BEGIN") > 1:  # the first alone would be read
        raise BadInput(f"{name} holds more than one key", advice="Give each a file and a --key of its own.")
    try:
        key = serialization.load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadInput(f"{name} is no public key in PEM", advice=PUBLIC) from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in HASHES:
        raise BadInput(f"{name} is no key on P-256, P-384 or P-521", advice=MAKE)
    return key


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}", advice=MAKE) from error
    if len(content) > MOST_BYTES:
        raise BadInput(f"{path} is too large for a key", advice=MAKE)
    return content


def fingerprint(key: ec.EllipticCurvePublicKey) -> str:
    """Returns the sha256 (hex) of the public key's PEM: the hint of OpenSSF Model Signing."""
    return hashlib.sha256(_public(key, serialization.Encoding.PEM)).hexdigest()


def hints(key: ec.EllipticCurvePublicKey) -> set[str]:
    """Returns what signers write to say which key it was: OpenSSF Model Signing's hint, and cosign's.

    Cosign's is the sha256 of the public key's DER, in base64.
    """
    der = hashlib.sha256(_public(key, serialization.Encoding.DER)).digest()
    return {fingerprint(key), base64.b64encode(der).decode("ascii")}


def _public(key: ec.EllipticCurvePublicKey, encoding: serialization.Encoding) -> bytes:
    return key.public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)


def sign_bytes(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """Returns the ECDSA signature (DER) with the hash that goes with the curve."""
    return key.sign(message, ec.ECDSA(HASHES[key.curve.name]))


def signature_holds(key: ec.EllipticCurvePublicKey, signature: bytes, message: bytes) -> bool:
    """Returns whether the signature is one of this key over `message`."""
    try:
        key.verify(signature, message, ec.ECDSA(HASHES[key.curve.name]))
    except InvalidSignature:
        return False
    return True
