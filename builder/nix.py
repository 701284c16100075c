"""The only file in `builder` that runs Nix: evaluate, ask the store, add a file."""

import json
from pathlib import Path

from builder.command import run
from builder.errors import BadInput, CouldNotDo

FEATURES = ("--extra-experimental-features", "nix-command flakes")
ADVICE = "Install Nix (Debian: apt-get install nix-bin) and see that `nix-store --version` works."


def evaluate(flake: str, attribute: str) -> object:
    """Returns the value of a flake's attribute.

    Raises:
        BadInput: the flake does not evaluate; the sentence is Nix's own.
        CouldNotDo: there is no Nix.
    """
    run(["nix", "--version"], advice=ADVICE)
    argv = ["nix", *FEATURES, "eval", "--json", "--no-update-lock-file", f"{flake}#{attribute}"]
    try:
        return json.loads(run(argv, advice=ADVICE))
    except CouldNotDo as error:
        raise BadInput(
            f"{flake} does not evaluate: {error.sentence}",
            advice="Run this in a repository with a flake.nix; new files must be known to git (git add).",
        ) from error


def invalid(paths: list[str]) -> set[str]:
    """Returns those of `paths` that the store does not hold."""
    argv = ["nix-store", "--check-validity", "--print-invalid", *paths]
    return set(run(argv, advice=ADVICE).split()) if paths else set()


def add_file(path: Path) -> str:
    """Adds one file under its base name, addressed by its flat sha256; returns the store path."""
    return run(["nix-store", "--add-fixed", "sha256", str(path)], advice=ADVICE).strip()


def add_folder(path: Path) -> str:
    """Adds a folder under its base name, addressed by the sha256 of its NAR; returns the store path."""
    return run(["nix-store", "--add-fixed", "--recursive", "sha256", str(path)], advice=ADVICE).strip()


def nar_sha256(path: Path) -> str:
    """Returns the sha256 (hex) of the NAR of a folder."""
    return run(["nix-hash", "--type", "sha256", str(path)], advice=ADVICE).strip()
