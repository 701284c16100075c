"""How long a site takes of 200 models with 50 releases and 50 verdicts each: read, checked, drawn and written."""

import sys
from pathlib import Path

from benchmarks.measure import Figure, run, timed
from benchmarks.sites import write_example

MODELS, RELEASES, ROUNDS = 200, 50, 3


def siting(flake: str, scratch: Path) -> Figure:
    """Returns `verifier report site`, as a whole process."""
    folder = scratch / "siting"
    write_example(folder, Path(flake) / "models" / "digits", models=MODELS, releases=RELEASES)
    named = ["--verdicts", str(folder / "verdicts"), "--models", str(folder / "models")]
    command = [sys.executable, "-m", "verifier", "report", "site", str(folder / "site"), *named]
    return Figure(
        what=f"a site of {MODELS} models with {RELEASES} releases and {RELEASES} verdicts each",
        seconds=[timed(lambda: run(command)) for _ in range(ROUNDS)],
        aim="under 10 s",
    )
