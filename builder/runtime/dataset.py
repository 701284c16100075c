"""Records what the data looked like after each stage of `prepare`: rows, and a digest of every array."""

import hashlib
import json

import numpy as np

from builder.runtime.canonical import digest, readable
from builder.runtime.paths import output
from builder.runtime.tensors import Array

FILE = "stages.json"


def stage(name: str, **arrays: Array) -> None:
    """Appends a stage to `stages.json`; all `arrays` have the same length along axis 0, the rows.

    Raises:
        ValueError: the arrays differ in rows, or there is none.
    """
    rows = {len(array) for array in arrays.values()}
    if len(rows) != 1:
        raise ValueError(
            f"the arrays of stage {name!r} must have the same number of rows, found {sorted(rows)}"
        )
    described = {key: describe(array) for key, array in arrays.items()}
    path = output() / FILE
    stages = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    stages.append({"name": name, "rows": rows.pop(), "arrays": described, "sha256": digest(described)})
    path.write_text(readable(stages), encoding="utf-8")


def describe(array: Array) -> dict[str, object]:
    """Returns dtype (numpy's string, with byte order), shape, and the sha256 of the bytes in C order.

    Raises:
        TypeError: the array holds Python objects, whose bytes are addresses.
    """
    if array.dtype.hasobject:
        raise TypeError("an array of Python objects has no bytes to take a digest of; give it a plain dtype")
    content = hashlib.sha256(np.asarray(array, order="C").tobytes()).hexdigest()
    return {"dtype": array.dtype.str, "shape": list(array.shape), "sha256": content}
