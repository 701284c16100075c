"""The global generators of random numbers: Python's, numpy's and, where it is loaded, torch's."""

import random
import sys
from collections.abc import Mapping
from typing import cast

import numpy as np


def take() -> dict[str, object]:
    """Returns the state of each; None for torch where the script does not use it."""
    torch = None
    if "torch" in sys.modules:
        from builder.runtime.pytorch.state import random_state  # noqa: PLC0415 (it imports torch)

        torch = random_state()
    return {"random": random.getstate(), "numpy": np.random.get_state(legacy=False), "torch": torch}


def put(state: Mapping[str, object]) -> None:
    """Puts back what `take` gave."""
    random.setstate(cast(tuple[object, ...], state["random"]))
    np.random.set_state(cast(dict[str, object], state["numpy"]))
    if state["torch"] is not None:
        from builder.runtime.pytorch.state import put_random_state  # noqa: PLC0415 (it imports torch)

        put_random_state(cast(Mapping[str, object], state["torch"]))
