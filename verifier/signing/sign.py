"""`verifier sign`: reads a bundle again, and writes what its signer says of it, beside it.

A signature over all files, and the evaluation's result, for any bundle that matches its manifest; with the
verdict of a check also the result of the rebuild, and a provenance for each of its builds that was made in it.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, cast

from cryptography.hazmat.primitives.asymmetric import ec

from verifier.errors import BadInput
from verifier.report.stored import read_verdicts
from verifier.report.target import replace_file
from verifier.signing import oms, provenance, results
from verifier.signing.contents import Contents
from verifier.signing.envelope import Json, key_signed_document, pre_authentication_encoding
from verifier.signing.keys import fingerprint, sign_bytes
from verifier.signing.statement import Statement, statement_bytes

SUFFIX = ".sigstore.json"
CHECK_AGAIN = "Check it again: verifier check MODEL --json FILE"


class Signer(Protocol):
    """Somebody who signs."""

    @property
    def identifier(self) -> str:
        """Who it is, in a form that is one signer's alone."""

    def sign(self, payload: bytes) -> bytes:
        """Returns a sigstore bundle with the signed statement."""


class KeySigner:
    """Signs with a key of one's own."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The key that the signatures are verified with."""
        return self._key.public_key()

    @property
    def identifier(self) -> str:
        """The fingerprint of the public key."""
        return fingerprint(self.public_key)

    def sign(self, payload: bytes) -> bytes:
        """Returns a sigstore bundle with the signed statement; no log is told."""
        signature = sign_bytes(self._key, pre_authentication_encoding(payload))
        return key_signed_document(payload, signature, self.identifier)


def read_verdict(path: Path, contents: Contents) -> Json:
    """Returns the verdict about this bundle from a file that `verifier check --json` wrote.

    Raises:
        BadInput: it is no such file, or has none about this bundle.
    """
    document = read_verdicts(path, advice=CHECK_AGAIN)
    for verdict in cast(list[Json], document["verdicts"]):
        if verdict["bundle"] == contents.identifier and verdict["origin"] is not None:
            return verdict
    raise BadInput(f"{path} has no verdict about {contents.identifier}", advice=CHECK_AGAIN)


def statements_about(contents: Contents, verdict: Json | None, builder: str) -> dict[str, Statement]:
    """Returns all that is to be signed, by the name of its file."""
    found = {
        "signature": oms.oms_statement(contents.identifier, contents.files),
        "evaluation": results.evaluation(contents),
    }
    if verdict is not None:
        found["rebuild"] = results.rebuild(contents, verdict)
        for which in ("first", "second"):
            if provenance.built_here(verdict, which):
                found[f"provenance-{which}-build"] = provenance.provenance(contents, verdict, which, builder)
    return found


def write_statements(statements: Mapping[str, Statement], signer: Signer, folder: Path) -> list[Path]:
    """Signs all of them and then writes them; those of another signer stay.

    Raises:
        OSError: the folder cannot be written.
    """
    return write_signed(signed_statements(statements, signer, folder))


def signed_statements(statements: Mapping[str, Statement], signer: Signer, folder: Path) -> dict[Path, bytes]:
    """Signs all of them, and returns what is to be written, by where it goes."""
    return {
        statement_path(name, signer, folder): signer.sign(statement_bytes(statement))
        for name, statement in statements.items()
    }


def write_signed(signed: Mapping[Path, bytes]) -> list[Path]:
    """Writes what was signed.

    Raises:
        OSError: a folder cannot be written.
    """
    for path, content in signed.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content + b"\n")
    return list(signed)


def statement_path(name: str, signer: Signer, folder: Path) -> Path:
    """Returns where a statement of a signer lies: those of others have other names."""
    who = hashlib.sha256(signer.identifier.encode("utf-8")).hexdigest()[:12]
    return folder / f"{name}-{who}{SUFFIX}"
