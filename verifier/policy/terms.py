"""What policy.yaml says, as records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from verifier.contract.values import Metric
from verifier.signing.reasons import Reason

# What an exception can let pass. What the bundle is, who signed, who disagrees and what is revoked is none of it.
WAIVABLE = frozenset(
    map(
        str,
        (
            *(
                Reason.LEVEL_NOT_REACHED,
                Reason.NOT_VARIED,
                Reason.NO_QUORUM,
                Reason.NOT_APPROVED,
                Reason.STALE,
            ),
            *(Reason.FORMAT, Reason.LICENCE, Reason.METRIC, Reason.ROLLBACK, Reason.MISSING_STATEMENT),
        ),
    )
)


class Level(StrEnum):
    """How far the builds must agree.

    `PER_PLATFORM` lets rebuilders on another kind of machine have other bits; `TOLERANCE` takes what the contract
    tolerates.
    """

    BITWISE = "bitwise"
    PER_PLATFORM = "bitwise-per-platform"
    TOLERANCE = "tolerance"


@dataclass(frozen=True, kw_only=True)
class Certified:
    """Somebody whom an issuer vouches for, both by their exact names."""

    signer: str
    issuer: str


@dataclass(frozen=True, kw_only=True)
class Party:
    """Somebody who may sign something: all their keys and certificates are one party.

    `operator` is who runs their machines: parties of one operator are no independent rebuilders, and a party
    without one is independent of nobody. `platform` is what kind of machine they have, in the policy's own words.
    """

    name: str
    keys: tuple[ec.EllipticCurvePublicKey, ...] = ()
    certificates: tuple[Certified, ...] = ()
    operator: str | None = None
    platform: str | None = None


@dataclass(frozen=True, kw_only=True)
class Quorum:
    """At least `count` of the parties in `of`, by their names."""

    count: int
    of: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Floor:
    """What a metric must reach, or must not pass."""

    metric: Metric
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """What a rebuild by sample must show: false claims pass it seldom enough.

    A claim of which the share `false_chunks` is false may pass with at most the probability `passes`.
    """

    false_chunks: float
    passes: float


@dataclass(frozen=True, kw_only=True)
class Tier:
    """What is demanded of the models of one risk tier.

    `sign` are the parties who may release: sign all files, contract and evaluation. `statements` are the kinds
    that must be there. `rebuilders` must agree; `approvals` are given by people who did not release it.
    `verified_within` is the greatest age of a rebuild that counts. `by_sample` is what a rebuild of drawn
    chunks must show; None where none counts.
    """

    name: str
    level: Level
    sign: tuple[str, ...]
    statements: tuple[str, ...]
    variations: tuple[str, ...]
    rebuilders: Quorum
    approvals: Quorum
    verified_within: timedelta
    formats: tuple[str, ...]
    licences: tuple[str, ...]
    metrics: tuple[Floor, ...]
    rollback_refused: bool
    by_sample: Sampling | None = None


@dataclass(frozen=True, kw_only=True)
class Revoking:
    """Who may sign the list of revocations, and how old the list may be."""

    by: tuple[str, ...]
    max_age: timedelta


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """An exception: refusals of some reasons (codes) pass for one model, until the end of a day in UTC.

    `version` and `bundle` (the sha256 of all files) narrow it further where they are set.
    """

    identifier: str
    model: str
    reasons: frozenset[str]
    why: str
    approver: str
    expires: date
    link: str
    version: str | None = None
    bundle: str | None = None


@dataclass(frozen=True, kw_only=True)
class PinnedRoot:
    """The trusted root for certificates, and the sha256 (hex) that its file must have."""

    path: Path
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A whole policy; `sha256` (hex) is that of its file. `models` fixes the tier of a model by its name.

    `channels` are all that there are; where it is empty, any name will do.
    """

    path: Path
    sha256: str
    parties: Mapping[str, Party]
    tiers: Mapping[str, Tier]
    models: Mapping[str, str] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    revocations: Revoking | None = None
    waivers: tuple[Waiver, ...] = ()
    trusted_root: PinnedRoot | None = None
