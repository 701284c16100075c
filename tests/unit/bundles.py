"""A small valid bundle in a folder, and ways to spoil it."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from builder.runtime.packaging.bom import bill_of_materials
from builder.runtime.params import Params
from verifier.bundle import read_bundle
from verifier.errors import BadInput

SHA256 = "52a0703bbc07ad27f560fa63fa68e4c54dd735bfbbf65b4dd3c225dc7547b6df"
STORE_PATH = b"/nix/store/0c1x2m3n4p5q6r7s8v9w0y1z2a3b4c5d"
SOURCE = {
    "name": "numpy",
    "version": "2.4.6",
    "kind": "wheel",
    "role": "runtime",
    "file": "numpy-2.4.6-cp311-cp311-linux_x86_64.whl",
    "url": "mirror://pypi/numpy/numpy-2.4.6-cp311-cp311-linux_x86_64.whl",
    "size": 1,
    "sha256": SHA256,
    "licence": "BSD-3-Clause",
}
DATA = {"schema": "samebits/data/v1", "sources": [], "lineage": [], "stages": [], "prepared": []}
METRICS = {"schema": "samebits/metrics/v1", "scalars": {"accuracy": 0.5}}
TOOLCHAIN = {
    "schema": "samebits/toolchain/v1",
    "name": "numpy",
    "digest": SHA256,
    "python": "3.11",
    "sources": [SOURCE],
    "environment": {"SAMEBITS_PROFILE": "portable"},
}
WEIGHTS = b"\x02\0\0\0\0\0\0\0{}"


def entry(path: str, content: bytes) -> dict[str, object]:
    """Returns the line of a manifest about a file."""
    return {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


BOM = bill_of_materials(
    "tiny",
    "1.0.0",
    params=Params(seed=7, hyperparameters={"rate": 0.1}),
    metrics=METRICS,
    data=DATA,
    toolchain=TOOLCHAIN,
    weights=[entry("weights/model.safetensors", WEIGHTS)],
)
FILES = {
    "bom.cdx.json": json.dumps(BOM).encode(),
    "code/network.py": b"CLASSES = 10\n",
    "data.json": json.dumps(DATA).encode(),
    "metrics.json": json.dumps(METRICS).encode(),
    "toolchain.json": json.dumps(TOOLCHAIN).encode(),
    "weights/model.safetensors": WEIGHTS,
}


def write_bundle(folder: Path) -> Path:
    """Writes the bundle `tiny` 1.0.0 and returns `folder`."""
    for name, content in FILES.items():
        write_file(folder, name, content)
    list_files(folder)
    return folder


def write_file(folder: Path, name: str, content: bytes) -> Path:
    """Writes a file at its path below `folder`, and returns where it lies."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def list_files(folder: Path) -> None:
    """Writes a manifest of what is there, so that only what the test is about is wrong."""
    found = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "manifest.json")
    entries = [entry(p.relative_to(folder).as_posix(), p.read_bytes()) for p in found]
    value = {"schema": "samebits/manifest/v1", "name": "tiny", "version": "1.0.0", "files": entries}
    (folder / "manifest.json").write_text(json.dumps(value), encoding="utf-8")


def change_manifest(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Lets `change` alter the value of the manifest, and writes it back."""
    value = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    change(value)
    (folder / "manifest.json").write_text(json.dumps(value), encoding="utf-8")


def refused_or_problem(bundle: Path) -> bool:
    """Returns whether the bundle is refused or shows a problem; any other error goes to the test."""
    try:
        found = read_bundle(bundle)
    except BadInput:
        return True
    return bool(found.problems or found.store_paths)
