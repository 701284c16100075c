"""Releases of the model `tiny`, made of a small bundle, and ways to alter them."""

import copy
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

from tests.unit.bundles import SHA256, write_bundle
from verifier.flake import Model
from verifier.release.canonical import readable, release_digest
from verifier.release.document import STEPS, make_release
from verifier.release.releases import Release

OTHER = "f" * 64
Json = dict  # type: ignore[type-arg]
STAGE = {"name": "split", "rows": 1347, "sha256": SHA256, "counts": {"labels": {"0": 665, "1": 682}}}


def store_path(name: str) -> str:
    return f"/nix/store/{'0' * 32}-{name}"


def make_model(version: str = "1.0.0") -> Model:
    return Model(
        name="tiny",
        version=version,
        derivation=store_path("package.drv"),
        path=store_path("tiny"),
        steps={step: store_path(f"{step}.drv") for step in STEPS},
    )


def make_document(folder: Path, **fields: object) -> dict[str, object]:
    """Returns the release 1.0.0 of the bundle that is written to `folder`."""
    arguments = {
        "model": make_model(),
        "nar_sha256": dict.fromkeys(STEPS, SHA256),
        "resources": {"train": {"wall_seconds": 1.5, "peak_memory_bytes": 2}},
        "calibration_seconds": 0.1,
        "level": "bitwise",
        "date": date(2026, 11, 25),
        "previous": None,
        **fields,
    }
    return make_release(write_bundle(folder), **arguments)  # type: ignore[arg-type]


def altered(document: dict[str, object], change: Callable[[Json], object]) -> dict[str, object]:
    """Returns a copy that `change` altered, with the digest that fits."""
    other = copy.deepcopy(document)
    change(other)
    return sealed(other)


def sealed(document: dict[str, object]) -> dict[str, object]:
    """Returns the document with identifier and digest as they follow from the rest."""
    name, version, sha256 = (document[key] for key in ("name", "version", "manifest_sha256"))
    document = {**document, "identifier": f"{name}-{version}-{str(sha256)[:12]}"}
    return {**document, "digest": release_digest(document)}


def successor(document: dict[str, object], version: str) -> dict[str, object]:
    """Returns the same as the next release."""
    previous = {"version": document["version"], "digest": document["digest"]}
    return sealed({**document, "version": version, "previous": previous})


def put(folder: Path, document: dict[str, object]) -> Path:
    """Writes a document as it is, right or wrong."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{document['version']}.json"
    path.write_text(readable(document), encoding="utf-8")
    return path


def release(document: dict[str, object]) -> Release:
    return Release(
        version=str(document["version"]),
        document=json.loads(json.dumps(document)),
        digest=str(document["digest"]),
    )
