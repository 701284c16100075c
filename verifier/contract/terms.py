"""What contract.yaml says, as records."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

EVERY = "*"


class Direction(StrEnum):
    """Which values of a metric are the better ones."""

    HIGHER = "higher"
    LOWER = "lower"


class Kind(StrEnum):
    """How a tolerance is measured."""

    EXACT = "exact"
    ABSOLUTE = "absolute"
    RELATIVE = "relative"


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """How much worse than the last release a value may be; `amount` is a share of its magnitude where relative."""

    kind: Kind
    amount: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A metric that is promised; `slice` may end in `*`. Without a direction every difference is for the worse."""

    name: str
    slice: str
    direction: Direction | None
    tolerance: Tolerance
    minimum: float | None = None
    maximum: float | None = None
    reason: str = ""

    @property
    def is_pattern(self) -> bool:
        """True where it stands for every class, or every slice."""
        return self.slice.endswith(f"/{EVERY}")


@dataclass(frozen=True, kw_only=True)
class Retired:
    """A metric that is not measured any more, and why; `slice` may end in `*`."""

    name: str
    slice: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Factors of what the last release used: above `warn` a person should look, above `fail` the check fails."""

    warn: float
    fail: float


@dataclass(frozen=True, kw_only=True)
class Closeness:
    """How far golden outputs may be apart, and which share of rows must have their greatest value in one place."""

    absolute: float
    agreement: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class Ownership:
    """Who answers for a model, which risk tier it is of, who may approve it, whom to call, and what it is for."""

    owner: str
    tier: str
    approvers: tuple[str, ...]
    escalation: str
    intended_use: str


@dataclass(frozen=True, kw_only=True)
class Contract:
    """A whole contract; `resources` by step, then by quantity. `closeness` is None where bits must be equal."""

    metrics: tuple[Declared, ...]
    resources: Mapping[str, Mapping[str, Limit]] = field(default_factory=dict)
    closeness: Closeness | None = None
    retired: tuple[Retired, ...] = ()
    ownership: Ownership | None = None

    @property
    def document(self) -> dict[str, object]:
        """What it promises as JSON: metrics and retired ones by name and slice, so that it can be compared.

        Who answers for the model is no promise about it, and is signed for itself (signing/contracts.py).
        """
        whole = asdict(replace(self, ownership=None))
        for key in ("metrics", "retired"):
            whole[key] = {f"{one['name']} {one['slice']}".strip(): one for one in whole[key]}
        return {key: value for key, value in whole.items() if value}
