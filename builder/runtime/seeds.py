"""Seeds every random generator a script is likely to use, before the script runs."""

import random
from importlib.util import find_spec


def seed_everything(seed: int) -> None:
    """Seeds `random` and, where the toolchain has it, numpy's global generator; `seed` is in [0, 2³²)."""
    random.seed(seed)
    if find_spec("numpy") is not None:
        import numpy as np  # noqa: PLC0415 (a toolchain need not have numpy)

        np.random.seed(seed)
