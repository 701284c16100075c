"""Which files are linted: those that are named, or all that git knows below the working folder."""

import re
import subprocess
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from verifier.errors import BadInput, CouldNotCheck

CONTRACT, PARAMS, SCHEMA, RULE = "contract.yaml", "params.yaml", "hyperparameters.schema.json", "model.nix"
LOCK = ".lock.json"
# Others have files of the same names. By these lines a policy of ours is known, by this word a lock of ours.
POLICY = re.compile(rb"""^schema:[ \t]*["']?samebits/policy/""", re.MULTILINE)
PARTS = (re.compile(rb"^parties:", re.MULTILINE), re.compile(rb"^tiers:", re.MULTILINE))
LOCKED = b'"samebits/lock/'
MOST_BYTES = 1 << 20
NAME_THEM = "Name the files: verifier lint FILE…"


class Kind(StrEnum):
    """What a file is linted as."""

    CONTRACT = "contract"
    PARAMS = "parameters"
    POLICY = "policy"
    LOCK = "lock"


def named(paths: Sequence[Path]) -> dict[Path, Kind]:
    """Returns what each of the named files is; a schema of hyperparameters stands for the params.yaml beside it.

    Raises:
        BadInput: one is not there, or is nothing that is linted.
    """
    found: dict[Path, Kind] = {}
    for path in paths:
        if not path.exists():
            raise BadInput(f"{path} does not exist", advice=NAME_THEM)
        kind = _kind(path)
        if kind is None:
            what = f"{path} is no contract.yaml, params.yaml, policy or lock"
            raise BadInput(what, advice="What is linted is in docs/reference/lint.md.")
        found[path.with_name(PARAMS) if path.name == SCHEMA else path] = kind
    return found


def _kind(path: Path) -> Kind | None:
    if path.name == CONTRACT:
        return Kind.CONTRACT
    if path.name == PARAMS or (path.name == SCHEMA and path.with_name(PARAMS).exists()):
        return Kind.PARAMS
    if path.name.endswith(LOCK):
        return Kind.LOCK
    return Kind.POLICY if path.suffix in (".yaml", ".yml") and _is_policy(path, named=True) else None


def tracked() -> dict[Path, Kind]:
    """Returns the files below the working folder that git knows, and that are there.

    A `contract.yaml` or `params.yaml` counts where `model.nix` is beside it: other programs have such files too.

    Raises:
        BadInput: there is none, or this is no repository.
        CouldNotCheck: git is not installed.
    """
    paths = _known_to_git()
    folders = {path.parent for path in paths if path.name == RULE}
    found: dict[Path, Kind] = {}
    for path in paths:
        kind = _kind_among(path, folders)
        if kind is not None and path.exists():
            found[path] = kind
    if not found:
        raise BadInput(
            "git knows no contract, parameters, policy or lock below this folder", advice=NAME_THEM
        )
    return found


def _kind_among(path: Path, folders: set[Path]) -> Kind | None:
    if path.name in (CONTRACT, PARAMS):
        return None if path.parent not in folders else _kind(path)
    if path.name.endswith(LOCK):
        ours = path.parent in folders or path.parent.name == "locks" or LOCKED in _content(path)
        return Kind.LOCK if ours else None
    if path.suffix in (".yaml", ".yml") and path.parent not in folders and _is_policy(path, named=False):
        return Kind.POLICY
    return None


def _is_policy(path: Path, *, named: bool) -> bool:
    """Returns whether it is one of ours; a file that was named is, where it is called so."""
    content = _content(path)
    ours = bool(POLICY.search(content)) or all(part.search(content) for part in PARTS)
    return ours or (named and "policy" in path.stem)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES) if path.is_file() else b""
    except OSError:
        return b""  # what cannot be read is no file of ours; a named one is refused by its reader


def _known_to_git() -> list[Path]:
    try:
        done = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=False)
    except FileNotFoundError as error:
        raise CouldNotCheck("git is not installed", advice=NAME_THEM) from error
    if done.returncode != 0:
        raise BadInput("this folder is in no git repository", advice=NAME_THEM)
    names = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    return [Path(name) for name in dict.fromkeys(names) if name]  # in a merge git names a file thrice
