"""Times, medians, and the machine they were taken on."""

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from verifier import nix
from verifier.derivation import parse_derivation


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the report; `seconds` are ours, `peer_seconds` the peer's of the same rounds."""

    what: str
    seconds: Sequence[float]
    aim: str
    peer: str = ""
    peer_seconds: Sequence[float] = ()

    def line(self) -> str:
        """Returns the figure as text: medians, and the median of the ratios pair by pair."""
        ours = f"{self.what}: {_spread(self.seconds)}"
        if not self.peer_seconds:
            return f"{ours}; aim {self.aim}"
        ratios = [a / b for a, b in zip(self.seconds, self.peer_seconds, strict=True)]
        peer = f"{self.peer}: {_spread(self.peer_seconds)}"
        return f"{ours} | {peer} | ratio {statistics.median(ratios):.2f}; aim {self.aim}"


def _spread(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.2f} s ({min(seconds):.2f}-{max(seconds):.2f}, n={len(seconds)})"


def timed(action: Callable[[], object]) -> float:
    """Returns the seconds that `action` took."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def run(argv: Sequence[str], **environment: str) -> str:
    """Runs a program and returns its stdout; a failure ends the benchmark with what the program said."""
    done = subprocess.run(
        argv, capture_output=True, text=True, errors="replace", check=False, env={**os.environ, **environment}
    )
    if done.returncode != 0:
        raise SystemExit(f"{argv[0]} failed: {done.stderr}")
    return done.stdout


def output_of(derivation: str) -> Path:
    """Returns where the output of a store derivation lies on this machine's disk."""
    text = nix.Store().physical(derivation).read_text(encoding="utf-8")
    return nix.Store().physical(parse_derivation(derivation, text).output.path)


def machine() -> str:
    """Returns one line that names the machine and the versions that matter."""
    cpu = next(
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = os.cpu_count()
    return (
        f"{cpu}, {cores} cores, {memory:.0f} GiB; Linux {platform.release()}, "
        f"Nix {nix.version()}, Python {platform.python_version()}"
    )
