"""What a model's folder says is expected of it: the contract, and the releases that it is compared with."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from verifier.contract.reading import read_contract
from verifier.contract.terms import Contract
from verifier.errors import BadInput
from verifier.flake import Model
from verifier.nix import Store
from verifier.release.releases import FOLDER, Release, read_releases, refuse_decrease
from verifier.release.versions import precedence

CONTRACT = "contract.yaml"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The contract; all releases, lowest first; that of the model's own version, and the one before it."""

    contract: Contract | None = None
    releases: tuple[Release, ...] = ()
    own: Release | None = None
    before: Release | None = None

    @property
    def last(self) -> Release | None:
        """The release that was made last up to this version: its own, or the one before."""
        return self.own or self.before


def expected_of(model: Model, store: Store) -> Expected:
    """Reads what is expected of a model from its folder in the flake's source.

    Raises:
        BadInput: contract or releases are not in order, the version does not increase, or the flake hides them.
    """
    releases = releases_of(model, store)
    own = next((release for release in releases if release.version == model.version), None)
    lower = [one for one in releases if precedence(one.version) < precedence(model.version)]
    return Expected(
        contract=_contract(model, store),
        releases=releases,
        own=own,
        before=lower[-1] if lower else None,
    )


def releases_of(model: Model, store: Store) -> tuple[Release, ...]:
    """Reads a model's releases from its folder, lowest first.

    Raises:
        BadInput: one of them is not in order, the model's version does not increase, or the flake hides them.
    """
    if not model.folder:
        raise BadInput(
            f"the flake does not say where the folder of {model.name} is, and with it contract and releases",
            advice="Bring its rules up to date: mkModel gives `folder`.",
        )
    with _from_source(model, store) as folder:
        releases = read_releases(folder / FOLDER, model.name)
    refuse_decrease(model.version, releases)
    return releases


def _contract(model: Model, store: Store) -> Contract | None:
    with _from_source(model, store) as folder:
        return read_contract(folder / CONTRACT) if os.path.lexists(folder / CONTRACT) else None


@contextmanager
def _from_source(model: Model, store: Store) -> Iterator[Path]:
    """Yields the model's folder; errors name its files as people know them, not by the source's store path."""
    folder = store.physical(model.folder)
    source = "/".join(model.folder.split("/")[:4]) + "/"
    root = str(folder).removesuffix(model.folder)
    try:
        yield folder
    except BadInput as error:
        known = [text.replace(root + source, "") for text in (error.sentence, error.advice)]
        raise BadInput(known[0], advice=known[1]) from error
