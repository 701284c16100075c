"""Named arrays in safetensors files whose bytes depend on names and values alone."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from builder.runtime.usage import usage

# numpy's own stubs give np.generic an Any.
Array = np.ndarray[tuple[int, ...], np.dtype[np.generic]]  # type: ignore[explicit-any]


def save(path: Path, arrays: Mapping[str, Array]) -> None:
    """Writes `arrays` (any shapes, any dtype that safetensors knows) to `path`, with no metadata.

    With more than one metadata key the order of keys varies from save to save (safetensors issue 584).
    """
    save_file({name: np.asarray(arrays[name], order="C") for name in sorted(arrays)}, path)


def load(path: Path) -> dict[str, Array]:
    """Reads a safetensors file into arrays by name.

    Raises:
        safetensors.SafetensorError: the file is none.
    """
    with usage.loading():
        return load_file(path)
