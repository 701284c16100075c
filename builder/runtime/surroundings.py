"""What a script finds when it starts, so that it repeats, and what is checked at its end."""

import os
import random

import numpy as np

from builder.runtime import threads
from builder.runtime.failure import raise_first_refusal
from builder.runtime.listing import reverse_if_asked
from builder.runtime.params import Params
from builder.runtime.pytorch import gpu
from builder.runtime.pytorch.install import prepare_torch, when_imported
from builder.runtime.running import running
from builder.runtime.silicon import guard_numpy
from builder.runtime.usage import usage


def prepare_surroundings(params: Params, *, traced: bool) -> None:
    """Seeds every random generator a script is likely to use, and has torch prepared once it is imported.

    `params.seed` is in [0, 2³²). Under the profile `portable`, what depends on the processor is refused. `traced`
    has the steps of torch's optimisers written into the trace.
    """
    reverse_if_asked()
    random.seed(params.seed)
    guarded = os.environ.get("SAMEBITS_PROFILE") == "portable"
    np.random.seed(params.seed)
    if guarded:
        guard_numpy(params.allowed)
    running.configure(tensors_every=params.tensors_every, seed=params.seed)
    when_imported("torch", lambda: prepare_torch(params, guarded=guarded, traced=traced))


def check_surroundings() -> None:
    """Returns if the script ran as declared, and completes its trace; says in events what of the machine it used.

    Raises:
        Refused: something was refused, even if the script went on; or it ran with another number of threads.
    """
    raise_first_refusal()
    threads.check()
    usage.report()
    gpu.report()
    running.close()
