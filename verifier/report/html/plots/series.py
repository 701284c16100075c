"""What a plot shows: rows of values, and the bounds that they are held against."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Series:
    """Values by place; None where there is none, and the line has a gap."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A level that values are held against; `kind` is `baseline` or `bound`."""

    value: float
    label: str
    kind: str
