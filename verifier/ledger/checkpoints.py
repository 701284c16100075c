"""A checkpoint: how many entries a ledger had, and the digest of the last, signed, to be kept by somebody else."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from verifier.clock import rfc3339
from verifier.errors import BadInput, CouldNotCheck
from verifier.signing.envelope import read_signed
from verifier.signing.oms import is_sha256
from verifier.signing.reasons import Refused
from verifier.signing.signers import KeyPin, signer_of
from verifier.signing.statement import Statement, parse_statement

PREDICATE_TYPE = "urn:samebits:checkpoint:v1"
MAKE = "Name the file that `verifier audit checkpoint` wrote, and the public key of who signed it."


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """How many entries there were, and the sha256 (hex) of the last."""

    count: int
    sha256: str


def checkpoint_statement(found: Checkpoint, time: datetime) -> Statement:
    """Returns the statement to be signed."""
    return Statement(
        name="ledger",
        sha256=found.sha256,
        predicate_type=PREDICATE_TYPE,
        predicate={"count": found.count, "time": rfc3339(time)},
    )


def read_checkpoint(path: Path, key: ec.EllipticCurvePublicKey) -> Checkpoint:
    """Returns the checkpoint in a file.

    Raises:
        BadInput: it is none, or signed by somebody else.
        CouldNotCheck: it cannot be read.
    """
    try:
        signed = read_signed(path)
        signer_of(signed, [KeyPin(key=key)])
        statement = parse_statement(signed.payload)
    except Refused as refused:
        raise BadInput(
            f"{path} is no checkpoint of that signer: {refused.sentence}", advice=MAKE
        ) from refused
    except OSError as error:
        raise CouldNotCheck(f"{path} cannot be read: {error.strerror}", advice=MAKE) from error
    count = statement.predicate.get("count")
    if (
        statement.predicate_type != PREDICATE_TYPE
        or type(count) is not int
        or count < 0
        or not is_sha256(statement.sha256)
    ):
        raise BadInput(f"{path} is no checkpoint", advice=MAKE)
    return Checkpoint(count=count, sha256=statement.sha256)
