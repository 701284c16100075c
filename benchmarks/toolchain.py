"""From cached files to a toolchain that runs, against a fresh venv with pip from the same wheels."""

import json
import sys
from pathlib import Path

from benchmarks.measure import Figure, run, timed
from verifier import nix
from verifier.derivation import closure, parse_derivation
from verifier.flake import describe
from verifier.nix import Store
from verifier.rebuild.folders import remove_tree

ROUNDS = 3


def toolchain(flake: str, scratch: Path) -> list[Figure]:
    """Returns the figures against pip and against uv."""
    machine = Store()
    model = describe(flake, ["digits"])[0]
    derivation = model.steps["toolchain"]
    found = closure(derivation, lambda path: parse_derivation(path, machine.physical(path).read_text()))
    sources = [d.output.path for d in found if d.output.fixed_sha256]
    needed = [*sources, *nix.derivation_closure(machine, derivation)]
    wheels = _wheels(flake, scratch)
    ours, pip, uv = [], [], []
    for number in range(ROUNDS):
        store = Store(root=scratch / f"store-{number}")
        nix.copy(needed, source=machine, target=store)
        ours.append(timed(lambda store=store: nix.realise([derivation], store, lambda _: None)))  # type: ignore[misc]
        assert store.root is not None
        remove_tree(store.root)
        folder = scratch / f"pip-{number}"
        pip.append(timed(lambda folder=folder: _with_pip(folder, wheels)))  # type: ignore[misc]
        folder = scratch / f"uv-{number}"
        uv.append(timed(lambda folder=folder: _with_uv(folder, wheels)))  # type: ignore[misc]
    what = "numpy toolchain, interpreter included, from files in a store"
    return [
        Figure(what=what, seconds=ours, aim="under 1", peer="venv and pip install", peer_seconds=pip),
        Figure(what="the same", seconds=ours, aim="none", peer="uv venv and uv pip install", peer_seconds=uv),
    ]


def _wheels(flake: str, scratch: Path) -> list[str]:
    """Links the runtime wheels under their own names, which pip needs."""
    lock = json.loads((Path(flake) / "builder" / "locks" / "numpy.lock.json").read_text(encoding="utf-8"))
    files = [s["file"] for s in lock["sources"] if s["kind"] == "wheel" and s["role"] == "runtime"]
    attribute = f"{flake}#legacyPackages.x86_64-linux.sources.numpy"
    flags = ["--extra-experimental-features", "nix-command flakes"]
    listed = json.loads(run(["nix", *flags, "eval", "--json", attribute]))
    paths = {entry["url"].rsplit("/", 1)[-1]: entry["store_path"] for entry in listed}
    folder = scratch / "wheels"
    folder.mkdir()
    for file in files:
        (folder / file).symlink_to(paths[file])
    return [str(folder / file) for file in files]


def _with_pip(folder: Path, wheels: list[str]) -> None:
    run([sys.executable, "-m", "venv", str(folder)])
    run([str(folder / "bin" / "pip"), "install", "--quiet", "--no-index", "--no-deps", *wheels])


def _with_uv(folder: Path, wheels: list[str]) -> None:
    cache = str(folder) + "-cache"
    run(["uv", "venv", "--quiet", "--python", sys.executable, str(folder)], UV_CACHE_DIR=cache)
    python = str(folder / "bin" / "python")
    command = ["uv", "pip", "install", "--quiet", "--python", python, "--no-index", "--no-deps", *wheels]
    run(command, UV_CACHE_DIR=cache)
