"""`python -m benchmarks.emulated [MODEL…] [--cpu CPU…]`: holds steps on emulated CPUs against this machine's own.

A model without torch is run whole; of one with torch `prepare` and the first training steps are run, whose trace
is compared with the beginning of the whole one: an emulated CPU is 20 to 40 times slower. Exits with 1 if a bit
differs.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import machine, run
from verifier import nix
from verifier.compare import compare_trees
from verifier.nix import BuildFailed, Store
from verifier.trace import prefix_differences

CPUS = ("Nehalem", "Haswell")
WHOLE, SHORT = ("prepare", "train", "evaluate"), ("prepare", "train-prefix")
PREFIX_STEPS = 20  # as in builder/outputs.nix
NIX = ["nix", "--extra-experimental-features", "nix-command flakes", "eval", "--json"]


def main() -> int:
    """Prints a line for every step on every CPU; returns 1 if one differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.emulated", description=__doc__)
    parser.add_argument("models", nargs="*", metavar="MODEL", help="default: all")
    parser.add_argument("--cpu", action="append", metavar="CPU", help=f"default: {', '.join(CPUS)}")
    parser.add_argument("--flake", default=str(Path(__file__).resolve().parent.parent))
    arguments = parser.parse_args()
    print(machine(), flush=True)
    known = json.loads(
        run([*NIX, f"{arguments.flake}#packages.x86_64-linux", "--apply", "builtins.attrNames"])
    )
    models = arguments.models or known
    run([sys.executable, "-m", "builder", "fetch", "--flake", arguments.flake, "qemu", *models])
    found = [
        line
        for model in models
        for cpu in arguments.cpu or CPUS
        for line in held_against(arguments.flake, model, cpu)
    ]
    return 1 if any(found) else 0


def held_against(flake: str, model: str, cpu: str) -> Iterator[str]:
    """Builds the steps of `model` on `cpu`, prints how each compares, and yields what differs."""
    toolchain = f"{flake}#packages.x86_64-linux.{model}.toolchain.lock.name"
    steps = SHORT if json.loads(run([*NIX, toolchain])).startswith("torch") else WHOLE
    for step in steps:
        prefix = step == "train-prefix"
        reference = built(f"{flake}#packages.x86_64-linux.{model}.{step.removesuffix('-prefix')}")
        emulated = built(f"{flake}#legacyPackages.x86_64-linux.variations.{model}.{cpu}.{step}")
        if prefix:
            differences = prefix_differences(reference, emulated, PREFIX_STEPS)
        else:
            differences = compare_trees(reference, emulated)
        what = f"the first {PREFIX_STEPS} training steps" if prefix else step
        print(f"{model} on {cpu}: {what}: {'; '.join(differences) or 'equal'}", flush=True)
        yield from differences


def built(attribute: str) -> Path:
    """Builds what a flake's attribute names and returns where its output lies."""
    function = "d: { derivation = d.drvPath; output = d.outPath; }"
    paths = json.loads(run([*NIX, attribute, "--apply", function]))
    try:
        nix.realise([paths["derivation"]], Store(), lambda _: None)
    except BuildFailed as failed:
        raise SystemExit(f"{attribute} was not built: {failed}") from failed
    return Store().physical(paths["output"])


if __name__ == "__main__":
    sys.exit(main())
