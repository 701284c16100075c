"""Sources: brought in by `builder fetch` where they lack, then hashed by ourselves against what fixes them."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from verifier import nix
from verifier.derivation import Derivation
from verifier.errors import BadInput, CouldNotCheck
from verifier.nar import nar_sha256
from verifier.nix import Store
from verifier.rebuild.plan import Plan
from verifier.verdict import Row, Status


def bring_sources(plan: Plan, flake: str, store: Store) -> None:
    """Fills the store with what the plan starts from.

    Raises:
        BadInput: `builder fetch` says that a lock is wrong.
        CouldNotCheck: it could not fetch, or a source is in no lock.
    """
    paths = [source.output.path for source in plan.sources]
    if not nix.invalid(store, paths):
        return
    # The two packages never import each other: the builder is asked the way a person would ask it.
    command = [sys.executable, "-m", "builder", "fetch", "--flake", flake, plan.model.name]
    done = subprocess.run(command, check=False, stdout=sys.stderr)
    if done.returncode != 0:
        error = BadInput if done.returncode == BadInput.exit_code else CouldNotCheck
        advice = f"See the lines above; by hand: builder fetch {plan.model.name}"
        raise error(f"the sources of {plan.model.name} could not be fetched", advice=advice)
    lacking = nix.invalid(store, paths)
    if lacking:
        name = min(lacking).rsplit("/", 1)[-1]
        raise CouldNotCheck(
            f"the store lacks {name}, which no lock of the flake names",
            advice="Add it: nix-store --add-fixed.",
        )


def sources_row(plan: Plan, store: Store) -> Row:
    """Hashes every source; the row fails with the names of those whose content is not what fixes them."""
    with ThreadPoolExecutor() as pool:
        fits = list(pool.map(lambda source: content_fits(source, store), plan.sources))
    wrong = tuple(source.output.path for source, fit in zip(plan.sources, fits, strict=True) if not fit)
    size = sum(_size(store.physical(source.output.path)) for source in plan.sources)
    subject = f"{len(plan.sources)} files, {size / 1e6:.1f} MB"
    if wrong:
        name = wrong[0].rsplit("/", 1)[-1].split("-", 1)[1]
        detail = f"{name} has other bytes than the lock says; nix-store --delete it and fetch it again"
        return Row(check="sources", subject=subject, status=Status.FAILED, detail=detail, differences=wrong)
    return Row(check="sources", subject=subject, status=Status.PASSED, detail="sha256 as locked")


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
