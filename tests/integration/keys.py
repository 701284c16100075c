"""Throw-away keys, made by openssl."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Keys:
    """A private and a public key, and the private one behind the passphrase `secret`."""

    private: Path
    public: Path
    locked: Path


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make_keys(folder: Path, curve: str = "prime256v1") -> Keys:
    keys = Keys(private=folder / "key.pem", public=folder / "key.pub", locked=folder / "locked.pem")
    openssl("ecparam", "-name", curve, "-genkey", "-noout", "-out", str(keys.private))
    openssl("pkey", "-in", str(keys.private), "-pubout", "-out", str(keys.public))
    lock = ["-aes256", "-passout", "pass:secret", "-out", str(keys.locked)]
    openssl("pkey", "-in", str(keys.private), *lock)
    return keys
