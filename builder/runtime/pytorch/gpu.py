"""What of a GPU a script has used: card, driver, memory, and the CUDA libraries that were really mapped."""

import re
import sys
from pathlib import Path

from builder.runtime.events import emit

DRIVER = Path("/proc/driver/nvidia/version")
# From a wheel or from the driver: libcublas.so.13, libcuda.so.570.86.10 and their like.
LIBRARY = re.compile(r"(/\S*/(lib(?:cu|nv|nccl)[^/\s]*\.so[^/\s]*))$")
# A wheel is unpacked into a store path that ends in its name and its version (builder/wheel.nix).
WHEEL = re.compile(r"/nix/store/[a-z0-9]{32}-wheel-[^/]+-([0-9][^-/]*)/")
DRIVER_VERSION = re.compile(r"Kernel Module.*?\s(\d+\.[\d.]+)\s")


def report() -> None:
    """Emits a `gpu` event if this process has used one."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return
    emit(
        "gpu",
        model=torch.cuda.get_device_name(),
        driver=driver_version(DRIVER.read_text() if DRIVER.exists() else ""),
        cuda=torch.version.cuda,
        cudnn=torch.backends.cudnn.version(),
        peak_gpu_memory_bytes=torch.cuda.max_memory_allocated(),
        libraries=mapped_libraries(Path("/proc/self/maps").read_text()),
    )


def driver_version(text: str) -> str | None:
    """Returns the version in what /proc/driver/nvidia/version says; None if it says none."""
    found = DRIVER_VERSION.search(text)
    return found[1] if found else None


def mapped_libraries(maps: str) -> dict[str, str | None]:
    """Returns the CUDA libraries in a process's memory map (proc(5)) by file name, with their wheel's version.

    The version is None for a library that comes from no wheel; the driver's have it in their names.
    """
    found = [match for line in maps.splitlines() if (match := LIBRARY.search(line))]
    versions = {match[2]: WHEEL.search(match[1]) for match in found}
    return {name: version[1] if version else None for name, version in sorted(versions.items())}
