"""What is said of a GPU, from what the kernel and the driver write."""

from pathlib import Path

import pytest

from builder.runtime.pytorch.gpu import driver_version, mapped_libraries
from tests.unit.plans import derivation
from verifier.derivation import Derivation
from verifier.rebuild.gpu import sandbox_paths

# /proc/driver/nvidia/version of two generations of the driver.
CLOSED = (
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\nGCC version: 12"
)
OPEN = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.10  Release Build  (dvs-builder@U16)"
SITE = "lib/python3.11/site-packages"
STORE = "/nix/store/" + "0" * 32
MAPPED = [
    f"{STORE}-wheel-nvidia-cublas-13.1.1.3/{SITE}/nvidia/cu13/lib/libcublas.so.13",
    f"{STORE}-wheel-nvidia-cublas-13.1.1.3/{SITE}/nvidia/cu13/lib/libcublas.so.13",
    f"{STORE}-wheel-nvidia-nccl-cu13-2.30.7/{SITE}/nvidia/nccl/lib/libnccl.so.2",
    "/run/opengl-driver/lib/libcuda.so.570.86.10",
    f"{STORE}-wheel-torch-2.14.1/{SITE}/torch/lib/libtorch_cuda.so",
    "[heap]",
]
MAPS = "".join(f"7f00-7f01 r-xp 00000000 fe:00 1 {path}\n" for path in MAPPED)


@pytest.mark.parametrize(("text", "version"), [(CLOSED, "550.54.15"), (OPEN, "570.86.10"), ("", None)])
def test_version_of_the_driver(text: str, version: str | None) -> None:
    assert driver_version(text) == version


def test_mapped_libraries_have_the_versions_of_their_wheels() -> None:
    expected = {"libcublas.so.13": "13.1.1.3", "libcuda.so.570.86.10": None, "libnccl.so.2": "2.30.7"}
    assert mapped_libraries(MAPS) == expected


def asks(*features: str) -> Derivation:
    plain = derivation("train")
    return Derivation(
        path=plain.path,
        output=plain.output,
        input_derivations=(),
        input_sources=(),
        features=frozenset(features),
    )


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    (tmp_path / "dev").mkdir()
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "sda"):
        (tmp_path / "dev" / name).touch()
    (tmp_path / "run" / "opengl-driver").mkdir(parents=True)
    return tmp_path


def test_gpu_is_shown_to_a_plan_that_asks(machine: Path) -> None:
    nodes = ("/dev/nvidia0", "/dev/nvidia1", "/dev/nvidiactl", "/dev/nvidia-uvm")
    assert sandbox_paths([asks(), asks("cuda")], machine) == (*nodes, "/run/opengl-driver")


def test_gpu_is_not_shown_to_a_plan_that_does_not(machine: Path) -> None:
    assert sandbox_paths([asks(), asks("kvm")], machine) == ()


def test_machine_without_a_gpu_shows_nothing(tmp_path: Path) -> None:
    assert sandbox_paths([asks("cuda")], tmp_path) == ()
