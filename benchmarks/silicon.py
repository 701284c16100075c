"""`python -m benchmarks.silicon PYTHON QEMU [CPU...]`: which operators give other bits on another CPU.

PYTHON is an interpreter with torch, QEMU the program qemu-x86_64. Every probe runs natively and under each CPU
model in the environment of the portable profile; with `--plain`, with one thread and no other setting. What
differs natively alone uses an approximate instruction (rsqrtps, rcpps), which QEMU computes and silicon looks up.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import machine, run

CPUS = ("Nehalem", "Haswell", "EPYC", "max")
PROBES = Path(__file__).with_name("silicon_probes.py")
PROFILE = Path(__file__).parent.parent / "builder" / "profile.nix"
NIX = ["nix", "--extra-experimental-features", "nix-command"]
# The file that runs, since qemu-user starts no link or script, and where that interpreter finds its modules.
INTERPRETER = "import json, os, sys; print(json.dumps([os.path.realpath('/proc/self/exe'), *sys.path[1:]]))"
NATIVE = "native"
FAILED = "error: "


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One probe whose results fall into several groups of CPUs."""

    probe: str
    groups: Sequence[Sequence[str]]

    def line(self) -> str:
        """Returns the difference as text; CPUs between bars agree."""
        return f"{self.probe}: " + " | ".join(" ".join(group) for group in self.groups)


def main() -> int:
    """Prints a line for each probe that differs and a summary; returns 0."""
    arguments = _arguments()
    environment = _environment(plain=arguments.plain)
    interpreter, *modules = json.loads(run([arguments.python, "-c", INTERPRETER]))
    environment["PYTHONPATH"] = os.pathsep.join(modules)
    print(machine(), flush=True)
    results = {}
    for cpu in (NATIVE, *(arguments.cpu or CPUS)):
        print(f"probing {cpu}", file=sys.stderr, flush=True)
        emulator = [] if cpu == NATIVE else [arguments.qemu, "-cpu", cpu]
        results[cpu] = _probe([*emulator, interpreter, str(PROBES)], environment)
    for difference in differences(results):
        print(difference.line())
    print(summary(results))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.silicon", description=__doc__)
    parser.add_argument("python", metavar="PYTHON", help="an interpreter with torch and numpy")
    parser.add_argument("qemu", metavar="QEMU", help="the program qemu-x86_64")
    parser.add_argument(
        "cpu", metavar="CPU", nargs="*", help=f"a CPU model of QEMU's (default: {' '.join(CPUS)})"
    )
    parser.add_argument(
        "--plain", action="store_true", help="one thread, and no other setting of the profile"
    )
    return parser.parse_args()


def _environment(*, plain: bool) -> dict[str, str]:
    settings = json.loads(run([*NIX, "eval", "--json", "--file", str(PROFILE), "portable"]))
    return {
        name: str(value) for name, value in settings.items() if not plain or name.endswith("_NUM_THREADS")
    }


def _probe(command: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    # Nothing is inherited: a setting of the caller's shell would hide a difference.
    settings = [f"{name}={value}" for name, value in environment.items()]
    found: dict[str, str] = json.loads(run(["env", "-i", *settings, *command]))
    return found


def differences(results: Mapping[str, Mapping[str, str]]) -> list[Difference]:
    """Returns the probes whose digest is not the same on all CPUs, in the order in which they ran."""
    found = []
    for probe in next(iter(results.values())):
        groups: dict[str, list[str]] = {}
        for cpu, digests in results.items():
            groups.setdefault(digests[probe], []).append(cpu)
        if len(groups) > 1:
            found.append(Difference(probe=probe, groups=list(groups.values())))
    return found


def summary(results: Mapping[str, Mapping[str, str]]) -> str:
    """Returns the counts: probes that differ, that ran, and that this torch does not implement."""
    first = next(iter(results.values()))
    failed = sum(digest.startswith(FAILED) for digest in first.values())
    differ = len(differences(results))
    return f"{differ} of {len(first) - failed} probes differ on {len(results)} CPUs; {failed} could not run"


if __name__ == "__main__":
    sys.exit(main())
