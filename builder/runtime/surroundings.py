"""What a script finds when it starts, so that it repeats, and what is checked at its end."""

import os
import random
from importlib.util import find_spec

from builder.runtime import threads, trace
from builder.runtime.params import Params
from builder.runtime.pytorch import gpu
from builder.runtime.pytorch.install import prepare_torch, when_imported
from builder.runtime.silicon import guard_numpy


def prepare_surroundings(params: Params) -> None:
    """Seeds every random generator a script is likely to use, and has torch prepared once it is imported.

    `params.seed` is in [0, 2³²). Under the profile `portable`, what depends on the processor is refused.
    """
    random.seed(params.seed)
    guarded = os.environ.get("SAMEBITS_PROFILE") == "portable"
    if find_spec("numpy") is not None:
        import numpy as np  # noqa: PLC0415 (a toolchain need not have numpy)

        np.random.seed(params.seed)
        if guarded:
            guard_numpy(params.allowed)
    trace.configure(tensors_every=params.tensors_every, seed=params.seed)
    traced = os.environ.get("SAMEBITS_STEP") == "train"
    when_imported("torch", lambda: prepare_torch(params, guarded=guarded, traced=traced))


def check_surroundings() -> None:
    """Returns if the script ran as declared; says in an event what of a GPU it used.

    Raises:
        Refused: it ran with another number of threads than params.yaml declares.
    """
    threads.check()
    gpu.report()
