"""Prepares the processes that a script starts as its own: Python imports a file of this name at every start."""

import os

if "SAMEBITS_INSIDE_SCRIPT" in os.environ:
    from builder.runtime.params import params
    from builder.runtime.surroundings import prepare_surroundings

    prepare_surroundings(params(), traced=False)
