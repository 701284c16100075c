"""Records what the data looked like after each stage of `prepare`: rows, digests, how often a label is there."""

import hashlib
import json

import numpy as np

from builder.runtime.canonical import digest, readable
from builder.runtime.paths import output
from builder.runtime.tensors import Array

FILE = "stages.json"
MOST_VALUES = 1000


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
    found = {"name": name, "rows": rows.pop(), "arrays": described, "sha256": digest(described)}
    counts = {key: counted for key, array in arrays.items() if (counted := count(array)) is not None}
    path = output() / FILE
    stages = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    stages.append(found | ({"counts": counts} if counts else {}))
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


def count(array: Array) -> dict[str, int] | None:
    """Returns how often each value is in an array (rows,) of integers or booleans, such as labels.

    None for any other array, and for one with more than `MOST_VALUES` different values.
    """
    if array.ndim != 1 or array.dtype.kind not in "iub":
        return None
    values, counts = np.unique(array, return_counts=True)
    if len(values) > MOST_VALUES:
        return None
    return {str(value): number for value, number in zip(values.tolist(), counts.tolist(), strict=True)}
