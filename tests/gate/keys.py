"""The keys of parties as files, for the commands that sign."""

from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.gate.scene import KEYS


def key_file(folder: Path, name: str, passphrase: bytes | None = None) -> Path:
    """Writes a party's private key, and returns where."""
    how = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
    path = folder / f"{name}.pem"
    path.write_bytes(KEYS[name].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how))
    return path
