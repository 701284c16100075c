"""MODELS/NAME: who answers for a model, its releases, and what its contract allows; what is damaged is named."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from verifier.contract.reading import read_contract
from verifier.contract.terms import Contract, Ownership
from verifier.contract.values import flatten
from verifier.errors import BadInput
from verifier.quick_schemas import quick_mismatch
from verifier.release.releases import (
    ENDING,
    FOLDER,
    Release,
    read_release,
    refuse_break,
    release_files,
)
from verifier.release.versions import precedence
from verifier.site.bands import bands_of, name_of
from verifier.site.folders import folders_in
from verifier.site.records import Band, ReleasePoint

CONTRACT, RULE = "contract.yaml", "model.nix"


@dataclass(frozen=True, kw_only=True)
class ModelFolder:
    """What a model's folder says; `gaps` are sentences on what of it could not be read."""

    name: str
    ownership: Ownership | None = None
    releases: tuple[ReleasePoint, ...] = ()
    bands: Mapping[str, Band] = field(default_factory=dict)
    gaps: tuple[str, ...] = ()


def model_folders(models: Path) -> list[Path]:
    """Returns the folders of models, in the order of names.

    Raises:
        BadInput: `models` is no folder, or cannot be read.
    """
    parts = (CONTRACT, RULE, FOLDER)
    found = folders_in(models, advice="Name the folder that has a folder of each model.")
    return [path for path in found if any(os.path.lexists(path / part) for part in parts)]


def read_model_folder(folder: Path) -> ModelFolder:
    """Reads the folder of a model; nothing in it ends the reading."""
    gaps: list[str] = []
    releases = list(_releases(folder / FOLDER, folder.name, gaps))
    points = tuple(point for release in releases if (point := _point(release, folder, gaps)) is not None)
    contract = _contract(folder / CONTRACT, gaps)
    return ModelFolder(
        name=folder.name,
        ownership=contract.ownership if contract else None,
        releases=points,
        bands=_bands(contract, releases[-1] if releases else None),
        gaps=tuple(gaps),
    )


def _contract(path: Path, gaps: list[str]) -> Contract | None:
    if not os.path.lexists(path):
        gaps.append(f"There is no {path}: nobody is named as the owner, and no tolerance is drawn.")
        return None
    try:
        return read_contract(path)
    except BadInput as error:
        gaps.append(f"{error.sentence}; no owner and no tolerance is shown.")
        return None


def _releases(folder: Path, model: str, gaps: list[str]) -> Iterator[Release]:
    """Yields the releases that can be read, the lowest first; says which cannot, and where the chain breaks."""
    if not os.path.lexists(folder):
        gaps.append(f"There is no {folder}: this model has no release.")
        return
    found: list[Release] = []
    unread: set[str] = set()
    try:
        paths = release_files(folder)
    except BadInput as error:
        gaps.append(f"{error.sentence}.")
        return
    for path in paths:
        try:
            found.append(read_release(path, model, quick_mismatch))
        except BadInput as error:
            unread.add(path.name)
            gaps.append(f"{error.sentence}.")
    before = None
    for release in sorted(found, key=lambda one: precedence(one.version)):
        gaps += _break(folder, release, before, unread)
        yield release
        before = release


def _break(folder: Path, release: Release, before: Release | None, unread: set[str]) -> Iterator[str]:
    previous = release.document["previous"]
    if isinstance(previous, dict) and f"{previous['version']}{ENDING}" in unread:
        return  # that one was named already
    try:
        refuse_break(folder, release, before)
    except BadInput as error:
        yield f"{error.sentence}."


def _point(release: Release, folder: Path, gaps: list[str]) -> ReleasePoint | None:
    document = release.document
    try:
        metrics = flatten(
            cast(Mapping[str, object], document["metrics"]), where=f"{folder} {release.version}"
        )
    except BadInput as error:
        gaps.append(f"{error.sentence}.")
        return None
    return ReleasePoint(
        version=release.version,
        date=str(document["date"]),
        level=str(document["level"]),
        identifier=str(document["identifier"]),
        metrics={name_of(metric): value for metric, value in metrics.items()},
        resources=cast(Mapping[str, Mapping[str, float]], document["resources"]),
    )


def _bands(contract: Contract | None, last: Release | None) -> Mapping[str, Band]:
    if contract is None:
        return {}
    try:
        baseline = flatten(cast(Mapping[str, object], last.document["metrics"])) if last else {}
    except BadInput:
        baseline = {}  # said of the release
    return bands_of(contract, baseline)
