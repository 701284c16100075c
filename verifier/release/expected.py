"""What a model's folder says is expected of it: the contract, and the releases that it is compared with."""

import os
from dataclasses import dataclass

from verifier.contract.reading import read_contract
from verifier.contract.terms import Contract
from verifier.release.releases import FOLDER, Release, read_releases, refuse_decrease
from verifier.release.versions import precedence

from verifier.flake import Model
from verifier.nix import Store

CONTRACT = "contract.yaml"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The contract, if there is one; all releases, lowest first; the model's own, and the one before its version."""

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
        BadInput: contract or releases are not in order, or the version does not increase.
    """
    if not model.folder:
        return Expected()
    folder = store.physical(model.folder)
    contract = read_contract(folder / CONTRACT) if os.path.lexists(folder / CONTRACT) else None
    releases = read_releases(folder / FOLDER, model.name)
    own = next((release for release in releases if release.version == model.version), None)
    if own is None:
        refuse_decrease(model.version, releases)
    lower = [one for one in releases if precedence(one.version) < precedence(model.version)]
    return Expected(contract=contract, releases=releases, own=own, before=lower[-1] if lower else None)
