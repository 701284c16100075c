"""Sources: brought in by `builder fetch` where they lack, then hashed by ourselves against what fixes them."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from verifier import nix
from verifier.derivation import Derivation
from verifier.errors import BadInput, CouldNotCheck
from verifier.nar import nar_sha256
from verifier.nix import Store
from verifier.rebuild.plan import Plan
from verifier.storepath import source_path, text_path
from verifier.verdict import Row, Status, amount


def bring_sources(plan: Plan, flake: str, store: Store) -> None:
    """Fills the store with what the plan starts from.

    Raises:
        BadInput: `builder fetch` says that a lock is wrong.
        CouldNotCheck: it could not fetch, or a source is in no lock.
    """
    paths = [source.output.path for source in plan.sources]
    if not nix.invalid(store, paths):
        return
    fetch([plan.model.name], flake)
    lacking = nix.invalid(store, paths)
    if lacking:
        name = min(lacking).rsplit("/", 1)[-1]
        raise CouldNotCheck(
            f"the store lacks {name}, which no lock of the flake names",
            advice="Add it: nix-store --add-fixed.",
        )


def fetch(names: Sequence[str], flake: str) -> None:
    """Has `builder fetch` fill the machine's store with the sources of what is called so.

    Raises:
        BadInput: it says that a lock is wrong.
        CouldNotCheck: it could not fetch.
    """
    # The two packages never import each other: the builder is asked the way a person would ask it.
    command = [sys.executable, "-m", "builder", "fetch", "--flake", flake, "--", *names]
    done = subprocess.run(command, check=False, stdout=sys.stderr)
    if done.returncode != 0:
        error = BadInput if done.returncode == BadInput.exit_code else CouldNotCheck
        advice = f"See the lines above; by hand: builder fetch {' '.join(names)}"
        raise error(f"the sources of {' and '.join(names)} could not be fetched", advice=advice)


def sources_row(plan: Plan, store: Store) -> Row:
    """Hashes every source and every plain file; the row fails with the paths of those that are not as locked."""
    with ThreadPoolExecutor() as pool:
        of_sources = list(pool.map(lambda source: fault_of_source(source, plan, store), plan.sources))
        of_files = list(pool.map(lambda path: fault_of_file(path, store), plan.files))
    paths = [*(source.output.path for source in plan.sources), *plan.files]
    faults = {path: fault for path, fault in zip(paths, of_sources + of_files, strict=True) if fault}
    size = sum(_size(store.physical(source.output.path)) for source in plan.sources)
    subject = amount(len(plan.sources), size)
    if faults:
        first = next(iter(faults))
        name = first.rsplit("/", 1)[-1].split("-", 1)[1]
        detail = f"{name} {faults[first]}"
        differences = tuple(f"{path} {fault}" for path, fault in faults.items())
        return Row(
            check="sources", subject=subject, status=Status.FAILED, detail=detail, differences=differences
        )
    return Row(check="sources", subject=subject, status=Status.PASSED, detail="sha256 as locked")


def fault_of_source(source: Derivation, plan: Plan, store: Store) -> str | None:
    """Returns what is wrong with a fixed source, None if it is in a lock and has the bytes that fix it."""
    locked = plan.model.locked.get(source.output.path)
    if locked is None:
        return "is in no lock; name it in a request and lock it"
    if locked != source.output.fixed_sha256:
        return "is fixed by another sha256 than its lock states"
    if not content_fits(source, store):
        return "has other bytes than the lock says; nix-store --delete it and fetch it again"
    return None


def fault_of_file(path: str, store: Store) -> str | None:
    """Returns what is wrong with a plain file or folder of the store, None if its content gives its name.

    So nothing that was built elsewhere can pass for a file of the repository.
    """
    place = store.physical(path)
    name = path.rsplit("/", 1)[-1].split("-", 1)[-1]
    if os.path.lexists(place) and source_path(name, nar_sha256(place)) == path:
        return None
    if place.is_file() and not place.is_symlink() and text_path(name, place.read_bytes(), []) == path:
        return None
    return "was changed, or is no plain file of a repository; nix-store --delete it and check again"


def content_fits(source: Derivation, store: Store) -> bool:
    """Returns whether the file or folder is there and has the sha256 that the derivation fixes."""
    path = store.physical(source.output.path)
    if not path.exists():  # the store's database may say otherwise
        return False
    if source.output.recursive:
        return nar_sha256(path) == source.output.fixed_sha256
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == source.output.fixed_sha256


def _size(path: Path) -> int:
    return (
        path.stat().st_size
        if path.is_file()
        else sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
    )
