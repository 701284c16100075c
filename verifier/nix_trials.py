"""Runs Nix for a trial: a build of a program of our own, of which nothing stays; and asks for its settings."""

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from verifier import nix
from verifier.errors import CouldNotCheck
from verifier.nix import INSTALL, Store, environment, last_error

NAME = "samebits-trial"
EXPRESSION = """derivation {
  name = "%s";
  system = "x86_64-linux";
  builder = builtins.path { name = "program"; path = builtins.fromJSON %s; };
  args = [ (placeholder "out") ];
  never-built-before = "%s";
}"""


def build_and_remove(program: Path, store: Store) -> None:
    """Builds a derivation whose builder is `program`, and removes it and its output from the store.

    Raises:
        BuildFailed: it has no output.
        CouldNotCheck: the derivation cannot be made there.
    """
    quoted = json.dumps(json.dumps(str(program))).replace("${", "\\${")
    expression = EXPRESSION % (NAME, quoted, time.time_ns())
    derivation = _said([*_beside(store, "nix-instantiate"), "--expr", expression]).split()[-1]
    try:
        nix.realise([derivation], store, lambda _: None)
    finally:
        outputs = _said([*store.command(), "--query", "--outputs", derivation]).split()
        paths = [*outputs, *reversed(nix.derivation_closure(store, derivation))]
        # What is still in use, or not ours to delete, is left to Nix's collector of garbage: it is some 300 bytes.
        _run([*store.command(), "--delete", *paths])


def _beside(store: Store, program: str) -> list[str]:
    """Returns the words that begin a command of another of Nix's programs on the store."""
    name, *place = store.command()
    return [name.replace("nix-store", program), *place]


def system_features() -> frozenset[str]:
    """Returns what Nix offers to builds on this machine, such as `cuda`; nothing where it does not say.

    Raises:
        CouldNotCheck: Nix is not installed.
    """
    try:
        said: object = json.loads(_said(["nix", "show-config", "--json"]))
    except ValueError:
        said = None
    setting = said.get("system-features") if isinstance(said, Mapping) else None
    values = setting.get("value") if isinstance(setting, Mapping) else None
    return frozenset(map(str, values)) if isinstance(values, list) else frozenset()


def _said(argv: Sequence[str]) -> str:
    done = _run(argv)
    if done.returncode != 0:
        said = last_error(done.stderr)
        raise CouldNotCheck(f"{argv[0]} failed: {said}", advice="Run it by hand to see why.")
    return done.stdout


def _run(argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            argv, capture_output=True, check=False, env=environment(), encoding="utf-8", errors="replace"
        )
    except FileNotFoundError as error:
        raise CouldNotCheck(f"Nix is not installed: there is no {argv[0]}", advice=INSTALL) from error
