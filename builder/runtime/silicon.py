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
    def argsort(*arguments: object, **keywords: object) -> object:
        kind = arguments[2] if len(arguments) > 2 else keywords.get("kind")
        if kind not in STABLE and keywords.get("stable") is not True:
            raise refusal(NUMPY_ARGSORT, f'{NUMPY_ARGSORT}(x, kind="stable")', how="with an unstable kind")
        return original(*arguments, **keywords)  # type: ignore[arg-type]

    if NUMPY_ARGSORT not in allowed:
        np.argsort = argsort  # type: ignore[assignment]
