"""From cached files to a toolchain that runs, against a fresh venv with pip and with uv from the same wheels."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import Figure, run, timed
from verifier import nix
from verifier.derivation import closure, parse_derivation
from verifier.nix import Store
from verifier.rebuild.folders import remove_tree

NIX = ["nix", "--extra-experimental-features", "nix-command flakes", "eval", "--json"]
TOOLCHAINS = "legacyPackages.x86_64-linux"


def toolchain(flake: str, scratch: Path, name: str, *, rounds: int) -> list[Figure]:
    """Returns the figures of one toolchain against pip and against uv; all three are removed after each round."""
    run([sys.executable, "-m", "builder", "fetch", "--flake", flake, name])
    machine = Store()
    derivation = json.loads(run([*NIX, f"{flake}#{TOOLCHAINS}.toolchains.{name}.drvPath"]))
    found = closure(derivation, lambda path: parse_derivation(path, machine.physical(path).read_text()))
    sources = [d.output.path for d in found if d.output.fixed_sha256]
    needed = [*sources, *nix.derivation_closure(machine, derivation)]
    wheels = _wheels(flake, scratch / f"wheels-{name}", name)
    ours: list[float] = []
    pip: list[float] = []
    uv: list[float] = []
    largest = 0
    for _ in range(rounds):
        store = Store(root=scratch / "store")
        nix.copy(needed, source=machine, target=store)
        memory: list[int] = []
        ours.append(timed(lambda store=store, memory=memory: memory.append(_build(derivation, store))))  # type: ignore[misc]
        largest = max(largest, *memory)
        assert store.root is not None
        remove_tree(store.root)
        for seconds, install in ((pip, _with_pip), (uv, _with_uv)):
            folder = scratch / "environment"
            seconds.append(timed(lambda install=install, folder=folder: install(folder, wheels)))  # type: ignore[misc]
            for leftover in (folder, _cache_of(folder)):
                shutil.rmtree(leftover, ignore_errors=True)
    what = f"{name} toolchain, interpreter included, from files in a store"
    print(f"{name} toolchain, largest process: {largest / 2**20:.2f} GiB; aim under 1", flush=True)
    return [
        Figure(what=what, seconds=ours, aim="under 1", peer="venv and pip install", peer_seconds=pip),
        Figure(
            what="the same", seconds=ours, aim="under 2", peer="uv venv and uv pip install", peer_seconds=uv
        ),
    ]


def _build(derivation: str, store: Store) -> int:
    """Builds in a process of its own; returns the peak memory (KiB) of the largest process that took part."""
    where = f"nix.Store(root=nix.Path({str(store.root)!r}))"
    code = f"from verifier import nix; nix.realise([{derivation!r}], {where}, lambda event: None)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit("the toolchain was not built")
    return usage.ru_maxrss


def _wheels(flake: str, folder: Path, name: str) -> list[str]:
    """Links the runtime wheels under their own names, which pip needs."""
    lock = json.loads((Path(flake) / "builder" / "locks" / f"{name}.lock.json").read_text(encoding="utf-8"))
    files = [s["file"] for s in lock["sources"] if s["kind"] == "wheel" and s["role"] == "runtime"]
    listed = json.loads(run([*NIX, f"{flake}#{TOOLCHAINS}.sources.{name}"]))
    paths = {entry["url"].rsplit("/", 1)[-1]: entry["store_path"] for entry in listed}
    folder.mkdir()
    for file in files:
        (folder / file).symlink_to(paths[file])
    return [str(folder / file) for file in files]


def _with_pip(folder: Path, wheels: list[str]) -> None:
    run([sys.executable, "-m", "venv", str(folder)])
    run([str(folder / "bin" / "pip"), "install", "--quiet", "--no-index", "--no-deps", *wheels])


def _with_uv(folder: Path, wheels: list[str]) -> None:
    cache = str(_cache_of(folder))
    uv = str(Path(sys.executable).with_name("uv"))
    run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)], UV_CACHE_DIR=cache)
    python = str(folder / "bin" / "python")
    command = [uv, "pip", "install", "--quiet", "--python", python, "--no-index", "--no-deps", *wheels]
    run(command, UV_CACHE_DIR=cache)


def _cache_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}-cache")
