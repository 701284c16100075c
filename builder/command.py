"""Runs another program and turns its failure into one sentence."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence

from builder.errors import CouldNotDo


def run(argv: Sequence[str], *, advice: str, environment: Mapping[str, str] | None = None) -> str:
    """Runs `argv` and returns its stdout as text.

    Raises:
        CouldNotDo: the program is missing or exits with another code than 0; the sentence ends with the last
            lines that it wrote to stderr.
    """
    if shutil.which(argv[0]) is None:
        raise CouldNotDo(f"the program {argv[0]!r} is not installed", advice=advice)
    done = subprocess.run(
        argv, capture_output=True, text=True, check=False, env={**os.environ, **(environment or {})}
    )
    if done.returncode != 0:
        raise CouldNotDo(f"{argv[0]} failed: {last_lines(done.stderr or done.stdout)}", advice=advice)
    return done.stdout


def last_lines(text: str, *, most: int = 3) -> str:
    """Returns the last lines of a program's output that say anything, errors first."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "e:"))]
    return " / ".join((errors or lines)[-most:]) or "it said nothing"
