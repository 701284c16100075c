"""The way to a GPU: what of the machine a sandbox shows, where a build of the plan asks for the feature `cuda`.

The verifier opens these by itself, so that nothing else of the machine's own `sandbox-paths` comes in with them.
"""

from collections.abc import Iterable
from pathlib import Path

from verifier.derivation import Derivation

FEATURE = "cuda"
DEVICES = ("nvidia[0-9]*", "nvidiactl", "nvidia-modeset", "nvidia-uvm", "nvidia-uvm-tools")
# Where a step looks for the driver's own libraries (builder/model.nix); docs/guides/gpu.md says how to fill it.
DRIVER = Path("/run/opengl-driver")


def sandbox_paths(builds: Iterable[Derivation], root: Path = Path("/")) -> tuple[str, ...]:
    """Returns the device nodes and the driver's folder that exist below `root`; nothing where no build asks."""
    return device_paths(root) if any(FEATURE in build.features for build in builds) else ()


def device_paths(root: Path = Path("/")) -> tuple[str, ...]:
    """Returns the device nodes and the driver's folder that exist below `root`."""
    nodes = [path for pattern in DEVICES for path in sorted((root / "dev").glob(pattern))]
    nodes += [path for path in [root / DRIVER.relative_to("/")] if path.exists()]
    return tuple(f"/{path.relative_to(root)}" for path in nodes)
