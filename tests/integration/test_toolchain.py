"""The toolchain: whole, alone, without caches or times, and never last-wins."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.integration.conftest import Repository, run

NIX = ["nix", "--extra-experimental-features", "nix-command flakes"]


@pytest.fixture(scope="module")
def toolchain() -> Path:
    """The numpy toolchain, built by checking digits."""
    assert run("verifier", "check", "digits").code == 0
    attribute = f"{REPOSITORY}#legacyPackages.x86_64-linux.toolchains.numpy"
    argv = [*NIX, "eval", "--raw", attribute]
    return Path(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)


def python(toolchain: Path, code: str) -> str:
    argv = [str(toolchain / "bin" / "python3"), "-B", "-c", code]
    return subprocess.run(argv, capture_output=True, text=True, check=True, env={"PATH": ""}).stdout


def test_its_python_uses_nothing_of_this_machine(toolchain: Path) -> None:
    code = "import numpy, safetensors, yaml, jsonschema, ssl; print(open('/proc/self/maps').read())"
    mapped = {line.split()[-1] for line in python(toolchain, code).splitlines() if ".so" in line}
    assert len(mapped) > 10
    assert [path for path in mapped if not path.startswith("/nix/store/")] == []


def test_it_holds_no_bytecode_and_no_time(toolchain: Path) -> None:
    files = [path for path in toolchain.rglob("*") if path.is_file()]
    assert len(files) > 1000
    assert [path for path in files if path.suffix == ".pyc" or path.name == "uv_cache.json"] == []
    assert {int(path.stat().st_mtime) for path in files if not path.is_symlink()} == {1}


def test_every_file_of_the_lock_is_listed_with_hash_and_licence(toolchain: Path) -> None:
    lock = json.loads((REPOSITORY / "builder" / "locks" / "numpy.lock.json").read_text())
    listed = json.loads((toolchain / "sources.json").read_text())
    assert listed["sources"] == lock["sources"]
    assert listed["digest"] == lock["digest"]


def test_records_of_the_wheels_fit_what_is_there(toolchain: Path) -> None:
    code = (
        "import base64, hashlib, importlib.metadata as m\n"
        "for d in m.distributions():\n"
        "  for f in d.files:\n"
        "    if f.locate().parent.name == 'bin': continue  # scripts run on the environment's own interpreter\n"
        "    b = f.locate().read_bytes()\n"
        "    h = base64.urlsafe_b64encode(hashlib.sha256(b).digest()).decode().rstrip('=')\n"
        "    assert f.hash is None or f.hash.value == h, f\n"
        "  print(d.name)"
    )
    assert "numpy" in python(toolchain, code).split()


def test_same_path_with_different_bytes_names_both_debs(repository: Repository) -> None:
    """Two versions of a package in one lock claim the same paths; the build must not let the last one win."""
    expression = f"""
      let
        rules = import {repository.root}/builder;
        lock = rules.readLock {repository.root}/builder/locks/numpy.lock.json;
        source = entry: rules.mkSource {{ fetchName = "numpy"; inherit entry; }};
        named = name: builtins.head (builtins.filter (e: e.name == name) lock.sources);
        seed = import {repository.root}/builder/seed.nix {{ system = "x86_64-linux"; }} {{
          fetchName = "numpy"; seed = lock.seed;
        }};
      in import {repository.root}/builder/sysroot.nix {{ system = "x86_64-linux"; }} {{
        python = "3.11"; inherit seed; patchelf = source (named "patchelf");
        debs = [ FIRST SECOND ];
      }}
    """
    folder = repository.root / "debs"
    paths = [make_deb(folder, name, f"this is {name}") for name in ("first", "second")]
    expression = expression.replace("FIRST", str(paths[0])).replace("SECOND", str(paths[1]))
    config = "sandbox = true\nbuild-users-group =\nsubstituters ="
    done = subprocess.run(
        ["nix-build", "--no-out-link", "-E", expression],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NIX_CONFIG": config},
    )
    assert done.returncode != 0
    assert "/usr/share/thing has different bytes in first.deb and in second.deb" in done.stderr


def make_deb(folder: Path, name: str, content: str) -> Path:
    """Writes a package with the one file usr/share/thing."""
    root = folder / f"{name}-root"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "usr" / "share").mkdir(parents=True)
    (root / "DEBIAN" / "control").write_text(
        f"Package: {name}\nVersion: 1\nArchitecture: amd64\nMaintainer: x <x@example.com>\nDescription: x\n"
    )
    (root / "usr" / "share" / "thing").write_text(content)
    deb = folder / f"{name}.deb"
    subprocess.run(["dpkg-deb", "--build", "-Zxz", str(root), str(deb)], check=True, capture_output=True)
    return deb
