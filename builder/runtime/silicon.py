"""Says that something depends on the processor, and refuses it in numpy."""

import functools
from collections.abc import Collection

import numpy as np

from builder.runtime.failure import Refused

STABLE = ("stable", "mergesort")
NUMPY_ARGSORT = "numpy.argsort"


def refusal(name: str, instead: str, *, how: str = "") -> Refused:
    """Returns the error for a use of `name`; `how` says in which way, such as `without fused=True`."""
    return Refused(
        f"uses {name}{' ' if how else ''}{how}, which gives other bits on another processor",
        advice=f"Write {instead}; or allow it in params.yaml, with a reason: `allow: {{{name}: REASON}}`.",
    )


def guard_numpy(allowed: Collection[str]) -> None:
    """Refuses `numpy.argsort` without a stable kind; the method of an array cannot be wrapped."""
    original = np.argsort

    @functools.wraps(original)
    def argsort(a: object, axis: object = -1, kind: object = None, *rest: object, **more: object) -> object:
        if kind not in STABLE and more.get("stable") is not True:
            raise refusal(NUMPY_ARGSORT, f'{NUMPY_ARGSORT}(x, kind="stable")', how="with an unstable kind")
        return original(a, axis, kind, *rest, **more)  # type: ignore[call-overload]

    if NUMPY_ARGSORT not in allowed:
        np.argsort = argsort
