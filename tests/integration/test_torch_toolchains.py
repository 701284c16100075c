"""The torch toolchains: closed, whole without a GPU, and refused where the lock misses something."""

import hashlib
import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.runtime.canonical import digest, readable
from tests.conftest import REPOSITORY
from tests.integration.conftest import Repository, run
from tests.integration.torchbox import build, nix

TOOLCHAINS = "legacyPackages.x86_64-linux.toolchains"
Lock = dict[str, object]


@pytest.fixture(scope="session")
def torch_cuda() -> Path:
    """The toolchain torch-cuda, built once."""
    done = run("builder", "fetch", "torch-cuda")
    assert done.code == 0, done.err
    return build(f"{TOOLCHAINS}.torch-cuda")


def read_lock(name: str) -> Lock:
    lock: Lock = json.loads((REPOSITORY / "builder" / "locks" / f"{name}.lock.json").read_text())
    return lock


def sources(lock: Lock) -> list[dict[str, object]]:
    found: list[dict[str, object]] = lock["sources"]  # type: ignore[assignment]
    return found


def refused(repository: Repository, name: str, change: Callable[[Lock], None]) -> str:
    """Changes a lock, digest included, and returns what the build of the toolchain says as it fails."""
    lock = read_lock(name)
    change(lock)
    body = {key: value for key, value in lock.items() if key != "digest"}
    path = repository.root / "builder" / "locks" / f"{name}.lock.json"
    path.write_text(readable({**body, "digest": digest(body)}))
    done = nix("build", "--no-link", "-L", f"{repository.root}#{TOOLCHAINS}.{name}", check=False)
    assert done.returncode != 0
    return done.stderr


def without(package: str) -> Callable[[Lock], None]:
    def change(lock: Lock) -> None:
        kept = [source for source in sources(lock) if source["name"] != package]
        assert len(kept) == len(sources(lock)) - 1
        lock["sources"] = kept

    return change


def closure(toolchain: Path) -> dict[str, object]:
    record: dict[str, object] = json.loads((toolchain / "closure.json").read_text())
    return record


def wheels(name: str) -> list[dict[str, object]]:
    return [s for s in sources(read_lock(name)) if (s["kind"], s["role"]) == ("wheel", "runtime")]


def test_torch_cpu_is_closed(torch_cpu: Path) -> None:
    record = closure(torch_cpu)
    assert record["not_inside"] == read_lock("torch-cpu")["request"]["absent"]  # type: ignore[index]
    assert record["wheels"] == len(wheels("torch-cpu"))
    assert record["binaries"] > 300  # type: ignore[operator]


def test_torch_cuda_is_closed_but_for_the_driver_and_what_the_lock_names(torch_cuda: Path) -> None:
    record = closure(torch_cuda)
    absent: dict[str, str] = read_lock("torch-cuda")["request"]["absent"]  # type: ignore[index]
    assert record["not_inside"] == {**absent, "libcuda.so.1": "CUDA driver"}
    assert record["wheels"] == len(wheels("torch-cuda"))


def test_torch_cuda_has_every_wheel_that_torch_declares(torch_cuda: Path) -> None:
    folder = torch_cuda / "lib/python3.11/site-packages"
    metadata = next(folder.glob("torch-2.14.1.dist-info")) / "METADATA"
    lines = [line for line in metadata.read_text().splitlines() if line.startswith("Requires-Dist: nvidia")]
    assert len(lines) > 3
    names = {str(source["name"]) for source in wheels("torch-cuda")}
    declared = {line.split()[1].split("==")[0].split(";")[0] for line in lines if "extra ==" not in line}
    assert declared <= names


def test_torch_cuda_runs_alone_and_loads_every_cuda_library(torch_cuda: Path) -> None:
    """The driver's own libcuda.so.1 is not here, so only those that do not need it load."""
    code = (
        "import ctypes, torch\n"
        "assert torch.version.cuda and not torch.cuda.is_available()\n"
        "print(torch.ones(3).sum().item(), torch.backends.cudnn.version())\n"
        "print('\\n'.join({line.split()[-1] for line in open('/proc/self/maps') if '.so' in line}))"
    )
    argv = [str(torch_cuda / "bin" / "python3"), "-B", "-c", code]
    said = subprocess.run(
        argv, capture_output=True, text=True, check=True, env={"PATH": ""}
    ).stdout.splitlines()
    assert said[0].startswith("3.0 9")
    assert [path for path in said[1:] if not path.startswith("/nix/store/")] == []
    assert any("libcudnn" in path for path in said[1:])
    assert any("libcublas" in path for path in said[1:])


@pytest.mark.parametrize(
    ("package", "library", "user"),
    [
        ("nvidia-cublas", "libcublas.so.13", "torch/lib/libtorch_cuda.so"),
        ("nvidia-nccl-cu13", "libnccl.so.2", "torch/lib/libtorch_cuda.so"),
    ],
)
def test_lock_without_an_nvidia_wheel_is_refused(
    package: str, library: str, user: str, torch_cuda: Path, repository: Repository
) -> None:
    said = refused(repository, "torch-cuda", without(package))
    assert "error: the toolchain is not closed" in said
    assert f"{user} needs {library}, which is nowhere in the toolchain" in said
    assert f"requires {package}" in said


def test_lock_without_a_wheel_of_pure_python_is_refused(torch_cpu: Path, repository: Repository) -> None:
    said = refused(repository, "torch-cpu", without("sympy"))
    assert "torch 2.13.0+cpu requires sympy>=1.13.3, which the lock lacks" in said


def test_absence_that_nothing_needs_is_refused(torch_cpu: Path, repository: Repository) -> None:
    def change(lock: Lock) -> None:
        lock["request"]["absent"]["libnothing.so.1"] = "a guess"  # type: ignore[index]

    said = refused(repository, "torch-cpu", change)
    assert "libnothing.so.1 is called absent in the request, but nothing lacks it" in said


def test_changed_lock_unpacks_only_what_changed(torch_cpu: Path, repository: Repository) -> None:
    """Nothing but the merge is built anew where the lock loses a wheel."""
    refused(repository, "torch-cpu", without("sympy"))
    done = nix("build", "--no-link", "--dry-run", f"{repository.root}#{TOOLCHAINS}.torch-cpu")
    planned = [
        line.strip().split("-", 1)[1] for line in done.stderr.splitlines() if line.strip().endswith(".drv")
    ]
    assert planned == ["toolchain-torch-cpu.drv"]


@pytest.mark.parametrize(
    "tag", ["cp312-cp312-manylinux_2_17_x86_64", "cp311-cp311-win_amd64", "cp311-cp311-linux_aarch64"]
)
def test_wheel_for_another_python_or_platform_is_refused(
    tag: str, repository: Repository, tmp_path: Path
) -> None:
    wheel = make_wheel(tmp_path / f"elsewhere-1.0-{tag}.whl")
    stored = nix_store_add(wheel)
    assert stored.endswith(wheel.name)
    entry = {
        **{"name": "elsewhere", "version": "1.0", "kind": "wheel", "role": "runtime", "file": wheel.name},
        **{"url": f"mirror://pypi/elsewhere/{wheel.name}", "size": wheel.stat().st_size, "licence": "MIT"},
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
    }
    said = refused(repository, "numpy", lambda lock: sources(lock).append(entry))
    assert f"error: {wheel.name} cannot be unpacked for python3.11 on x86-64 Linux:" in said


def make_wheel(path: Path) -> Path:
    """Writes a wheel with one module."""
    info = "elsewhere-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("elsewhere.py", "")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: elsewhere\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp312-cp312-any\n"
        )
        archive.writestr(
            f"{info}/RECORD", f"elsewhere.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
        )
    return path


def nix_store_add(path: Path) -> str:
    argv = ["nix-store", "--add-fixed", "sha256", str(path)]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
