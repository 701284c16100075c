"""The only file in `builder` that runs Nix: evaluate, ask the store, add a file."""

import json
from pathlib import Path

from builder.command import CommandFailed, last_lines, run
from builder.errors import BadInput

FEATURES = ("--extra-experimental-features", "nix-command flakes")
STORE_ADVICE = "Is there room on the disk, and may you write to the store?"
ADVICE = "Install Nix (Debian: apt-get install nix-bin) and see that `nix-store --version` works."


def evaluate(flake: str, attribute: str) -> object:
    """Returns the value of a flake's attribute.

    Raises:
        BadInput: the flake does not evaluate; the sentence is Nix's own.
        CouldNotDo: there is no Nix.
    """
    run(["nix", "--version"], advice=ADVICE)
    argv = ["nix", *FEATURES, "eval", "--json", "--show-trace", "--no-update-lock-file"]
    argv += ["--option", "allow-import-from-derivation", "false"]
    try:
        return json.loads(run([*argv, f"{_absolute(flake)}#{attribute}"], advice=ADVICE))
    except CommandFailed as error:
        raise BadInput(
            f"{flake} does not evaluate: {_lock_being_read(error.said)}{last_lines(error.said, most=1)}",
            advice=_mend(error.said),
        ) from error


def _absolute(flake: str) -> str:
    """Returns a folder with its whole path: without `./` Nix would look for its name in a registry."""
    return str(Path(flake).resolve()) if Path(flake).is_dir() else flake


def _mend(said: str) -> str:
    if "requires lock file changes" in said:
        return "Pin the inputs of the flake first: nix flake lock"
    return "Run this in a repository with a flake.nix; new files must be known to git (git add)."


def _lock_being_read(said: str) -> str:
    """Returns which lock builder/lock.nix was reading when the evaluation failed, where the trace says so."""
    mark = "while reading the lock "
    # The trace shows the rule's own line too, with its ${…} unfilled.
    found = [line[line.index(mark) :] for line in said.splitlines() if mark in line and "${" not in line]
    return f"{found[-1]} " if found else ""


def _store(*arguments: str) -> str:
    return run(["nix-store", *arguments], advice=STORE_ADVICE)


def invalid(paths: list[str]) -> set[str]:
    """Returns those of `paths` that the store does not hold."""
    return set(_store("--check-validity", "--print-invalid", *paths).split()) if paths else set()


def add_file(path: Path) -> str:
    """Adds one file under its base name, addressed by its flat sha256; returns the store path."""
    return _store("--add-fixed", "sha256", str(path)).strip()


def add_folder(path: Path) -> str:
    """Adds a folder under its base name, addressed by the sha256 of its NAR; returns the store path."""
    return _store("--add-fixed", "--recursive", "sha256", str(path)).strip()


def nar_sha256(path: Path) -> str:
    """Returns the sha256 (hex) of the NAR of a folder."""
    return run(["nix-hash", "--type", "sha256", str(path)], advice=ADVICE).strip()
