"""What a site shows, as values: `gather.py` makes them of files, `report/html` draws them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from verifier.verdict import Verdict


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One check of a model, from a verdict or a ledger's entry.

    `verdict` is None where only an entry is known, and where all passed, nothing warned, and a newer outcome is
    there: ten thousand whole verdicts have no room.

    `time` is RFC 3339 in UTC, empty where nobody took it down. `not_passed` has check and subject of each row that
    did not pass. `trouble` is the sentence that kept the model from a verdict, if one did. `source` says where
    this was read.
    """

    time: str
    version: str
    verified: bool
    level: str
    identifier: str | None
    not_passed: tuple[str, ...]
    source: str
    verdict: Verdict | None = None
    trouble: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReleasePoint:
    """A release: its date (ISO), metrics by name (`recall of classes/3`), resources by step and quantity (SI)."""

    version: str
    date: str
    level: str
    identifier: str
    metrics: Mapping[str, float]
    resources: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, kw_only=True)
class Band:
    """What a contract allows of a metric: `low` and `high` around the last release's value, and fixed bounds."""

    metric: str
    baseline: float | None
    low: float | None
    high: float | None
    minimum: float | None
    maximum: float | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A quantity of a training, from its trace: pairs of training step (from 1) and value, at most 500."""

    quantity: str
    points: tuple[tuple[int, float], ...]
    steps: int


@dataclass(frozen=True, kw_only=True)
class Component:
    """A line of the bill of materials."""

    name: str
    version: str
    kind: str
    licence: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Signed:
    """Who signed what; `verified` is True where a gate with a policy found so, and a ledger's entry says it.

    Else it is what a statement claims: the page says *not verified here*.
    """

    who: str
    what: str
    identifier: str
    time: str
    verified: bool
    source: str


@dataclass(frozen=True, kw_only=True)
class Excepted:
    """An exception of a policy; `state` is `in force`, or `expired`."""

    identifier: str
    model: str
    why: str
    approver: str
    expires: str
    state: str
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class ModelPage:
    """All that is known of one model.

    `outcomes` are newest first, `releases` lowest version first. `bundle` is the identifier of that whose curves
    and components are shown. `gaps` says what is not shown, and why.
    """

    name: str
    owner: str = ""
    tier: str = ""
    escalation: str = ""
    intended_use: str = ""
    outcomes: tuple[Outcome, ...] = ()
    releases: tuple[ReleasePoint, ...] = ()
    bands: Mapping[str, Band] = field(default_factory=dict)
    bundle: str = ""
    curves: tuple[Curve, ...] = ()
    components: tuple[Component, ...] = ()
    signers: tuple[Signed, ...] = ()
    exceptions: tuple[Excepted, ...] = ()
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Site:
    """All models by name; `problems` are sentences on what could not be read, `sources` on what was."""

    time: str
    models: tuple[ModelPage, ...]
    exceptions: tuple[Excepted, ...] = ()
    problems: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
