"""Where a script finds its inputs and leaves its output."""

import os
from pathlib import Path


def output() -> Path:
    """Returns the folder that the running step writes to."""
    return Path(os.environ["SAMEBITS_OUTPUT"])


def step_input(step: str) -> Path:
    """Returns the output folder of the earlier step `step`.

    Raises:
        KeyError: the running step does not read that step.
    """
    return Path(os.environ[f"SAMEBITS_INPUT_{step.upper()}"])


def source(name: str) -> Path:
    """Returns the locked file that `model.nix` calls `name`.

    Raises:
        KeyError: the running step reads no such file.
    """
    return Path(os.environ[f"SAMEBITS_SOURCE_{name.upper()}"])
