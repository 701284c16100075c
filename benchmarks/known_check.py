"""`verifier check digits` when both builds are known, and the evaluation of the whole flake."""

import sys

from benchmarks.measure import Figure, run, timed

ROUNDS = 5
EVERYTHING = "builtins.mapAttrs (_: check: check.drvPath)"
FLAGS = ["--extra-experimental-features", "nix-command flakes", "--option", "eval-cache", "false"]


def known_check(flake: str) -> Figure:
    """Returns the time of a check of an unchanged model."""
    command = [sys.executable, "-m", "verifier", "check", "digits", "--flake", flake]
    run(command)
    seconds = [timed(lambda: run(command)) for _ in range(ROUNDS)]
    return Figure(what="verifier check digits, nothing changed", seconds=seconds, aim="under 2 s")


def evaluation(flake: str) -> Figure:
    """Returns the time of evaluating all that the flake builds: every model, step, toolchain and check."""
    command = ["nix", *FLAGS, "eval", "--json", f"{flake}#checks.x86_64-linux", "--apply", EVERYTHING]
    seconds = [timed(lambda: run(command)) for _ in range(ROUNDS)]
    return Figure(what="nix eval of the whole flake", seconds=seconds, aim="under 0.5 s")
