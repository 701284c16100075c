"""Makes the document of a release from a bundle that was checked, and from what its builds said."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date as Date
from pathlib import Path
from typing import cast

from verifier.bundle import DOCUMENTS, MANIFEST, WEIGHTS
from verifier.contract.terms import Contract
from verifier.errors import BadInput, CouldNotCheck
from verifier.flake import Model
from verifier.release.canonical import release_digest
from verifier.release.params import read_params
from verifier.release.releases import SCHEMA, Release
from verifier.schemas import BUNDLE, read_json

CODE, PARAMS = "code/", "params.yaml"
STEPS = ("toolchain", "prepare", "train", "evaluate", "package")

Json = Mapping[str, object]


def make_release(
    folder: Path,
    *,
    model: Model,
    nar_sha256: Mapping[str, str],
    resources: Mapping[str, Mapping[str, float]],
    calibration_seconds: float | None,
    level: str,
    date: Date,
    previous: Release | None,
    contract: Contract | None = None,
) -> dict[str, object]:
    """Returns the document of the bundle in `folder`, which the caller has read with `read_bundle`.

    `nar_sha256` (hex) is of what each of the five steps gave; `resources` are quantities by step, in seconds and
    bytes; `contract` is what the build was held against; `level` is `bitwise` or `within tolerance`.

    Raises:
        BadInput: the bundle is of another model or version, or a part of it cannot be read.
        CouldNotCheck: the hash of a step is missing.
    """
    manifest = read_json(folder / MANIFEST, BUNDLE / "manifest.schema.json")
    name, version = str(manifest["name"]), str(manifest["version"])
    if (name, version) != (model.name, model.version):
        raise BadInput(
            f"{folder} is {name} {version}, and not {model.name} {model.version}",
            advice="Build the bundle again.",
        )
    manifest_sha256 = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    metrics = _document(folder, "metrics")
    document: dict[str, object] = {
        "schema": SCHEMA,
        "name": name,
        "version": version,
        "identifier": f"{name}-{version}-{manifest_sha256[:12]}",
        "manifest_sha256": manifest_sha256,
        "derivation": model.derivation,
        "level": level,
        "date": date.isoformat(),
        "previous": previous and {"version": previous.version, "digest": previous.digest},
        "steps": _steps(model, nar_sha256),
        "toolchain": _toolchain(_document(folder, "toolchain")),
        "params": read_params(folder / PARAMS) if (folder / PARAMS).exists() else {},
        "data": _data(_document(folder, "data")),
        "metrics": {key: value for key, value in metrics.items() if key != "schema"},
        **_held(resources, calibration_seconds, contract),
        **_files(cast(Sequence[Mapping[str, str]], manifest["files"])),
    }
    return {**document, "digest": release_digest(document)}


def _held(
    resources: Mapping[str, Mapping[str, float]], calibration_seconds: float | None, contract: Contract | None
) -> dict[str, object]:
    """Returns what a check measured, and what it held the build against."""
    return {
        "resources": {step: dict(used) for step, used in resources.items()},
        "calibration_seconds": calibration_seconds,
        "contract": contract.document if contract else {},
        "variations": [],
    }


def with_variations(document: Json, names: Sequence[str]) -> dict[str, object]:
    """Returns the document of a build whose steps were tried under the variations `names`, and held."""
    changed = {**document, "variations": sorted(names)}
    return {**changed, "digest": release_digest(changed)}


def _document(folder: Path, name: str) -> dict[str, object]:
    return read_json(folder / DOCUMENTS[name], BUNDLE / f"{name}.schema.json")


def _steps(model: Model, nar_sha256: Mapping[str, str]) -> dict[str, object]:
    for step in STEPS:
        if step not in nar_sha256 or step not in model.steps:
            raise CouldNotCheck(
                f"it is not known what {step} of {model.name} gave", advice="Check the model once more."
            )
    return {step: {"derivation": model.steps[step], "nar_sha256": nar_sha256[step]} for step in STEPS}


def _files(listed: Sequence[Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Returns the files of the manifest as code, weights and all others."""
    kinds: dict[str, dict[str, str]] = {"code": {}, "weights": {}, "files": {}}
    for entry in listed:
        path = entry["path"]
        kind = "code" if path.startswith(CODE) else "weights" if path.startswith(WEIGHTS) else "files"
        kinds[kind][path] = entry["sha256"]
    return kinds


def _toolchain(record: Json) -> dict[str, object]:
    sources = cast(Sequence[Mapping[str, str]], record["sources"])
    count = Counter(name for name, _ in {(source["name"], source["kind"]) for source in sources})
    packages: dict[str, set[str]] = {}
    for source in sources:
        name = source["name"] if count[source["name"]] == 1 else f"{source['kind']}/{source['name']}"
        packages.setdefault(name, set()).add(source["version"])
    versions = {name: ", ".join(sorted(found)) for name, found in sorted(packages.items())}
    return {"name": record["name"], "digest": record["digest"], "packages": versions}


def _data(record: Json) -> dict[str, object]:
    sources = cast(Sequence[Mapping[str, str]], record["sources"])
    stages = cast(Sequence[Json], record["stages"])
    return {
        "sources": {s["input"]: {key: s[key] for key in ("name", "version", "sha256")} for s in sources},
        "stages": [
            {key: stage[key] for key in ("name", "rows", "sha256", "counts") if key in stage}
            for stage in stages
        ],
    }
