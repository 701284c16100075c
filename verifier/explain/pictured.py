"""What of a difference can be drawn: how far each tensor's elements are apart, and how two trainings went on."""

from dataclasses import dataclass

# Decades of the relative difference of two elements: below 1e-15, below 1e-14, …, below 1, and 1 or more.
DECADES = 17


@dataclass(frozen=True, kw_only=True)
class TensorDifference:
    """How two tensors of one name and shape in two files differ; `path` is relative to the trees.

    `histogram` counts the elements that differ by decades of their relative difference |a - b| / max(|a|, |b|):
    the first entry is below 1e-15, the last 1 or more, or not finite in one of them. `largest` is the greatest
    absolute difference of those that are finite.
    """

    path: str
    tensor: str
    elements: int
    differing: int
    largest: float
    histogram: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Parting:
    """A quantity of two traces, such as `loss`, around the training step (from 1) at which they part.

    `first` and `second` are pairs of a training step and a value, at most 200 each, sampled evenly over both.
    """

    path: str
    quantity: str
    step: int
    first: tuple[tuple[int, float], ...]
    second: tuple[tuple[int, float], ...]
