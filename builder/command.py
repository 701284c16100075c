"""Runs another program and turns its failure into one sentence."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence

from builder.errors import CouldNotDo


class CommandFailed(CouldNotDo):
    """A program exited with another code than 0; `said` is all that it wrote to stderr."""

    def __init__(self, program: str, said: str, *, advice: str) -> None:
        super().__init__(f"{program} failed: {last_lines(said)}", advice=advice)
        self.said = said


def run(argv: Sequence[str], *, advice: str, environment: Mapping[str, str] | None = None) -> str:
    """Runs `argv` and returns its stdout as text.

    Raises:
        CouldNotDo: the program is missing.
        CommandFailed: it exits with another code than 0; the sentence ends with the last lines that it wrote.
    """
    if shutil.which(argv[0]) is None:
        raise CouldNotDo(f"the program {argv[0]!r} is not installed", advice=advice)
    # What a program prints need not be text: Nix passes a build's bytes on.
    done = subprocess.run(
        argv,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        env={**os.environ, **(environment or {})},
    )
    if done.returncode != 0:
        raise CommandFailed(argv[0], done.stderr or done.stdout, advice=advice)
    return done.stdout


def last_lines(text: str, *, most: int = 3) -> str:
    """Returns the last lines of a program's output that say anything; only errors, where it marks them."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "e:"))]
    return " / ".join((errors or lines)[-most:]) or "it said nothing"
