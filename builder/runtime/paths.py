"""Where a script finds its inputs and leaves its output."""

import os
from pathlib import Path


def variable(kind: str, name: str) -> str:
    """Returns the environment variable that holds the path of the INPUT or SOURCE `name`."""
    return f"SAMEBITS_{kind}_" + "".join(c if c.isalnum() else "_" for c in name).upper()


def output() -> Path:
    """Returns the folder that the running step writes to."""
    return Path(os.environ["SAMEBITS_OUTPUT"])


def step_input(step: str) -> Path:
    """Returns the output folder of the earlier step `step`.

    Raises:
        KeyError: the running step does not read that step.
    """
    return Path(os.environ[variable("INPUT", step)])


def source(name: str) -> Path:
    """Returns the locked file that `model.nix` calls `name`.

    Raises:
        KeyError: the running step reads no such file.
    """
    return Path(os.environ[variable("SOURCE", name)])
