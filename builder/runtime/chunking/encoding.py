"""The state of a training as JSON and named tensors, exact to the last bit; what cannot be written so is refused.

JSON has text, integers, finite floats, true, false, null and lists as they are. Everything else is an object with
the key `type`; dictionaries are lists of pairs, so that their order and keys that are no text are kept.
"""

import math
import struct
import sys
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from typing import cast

import numpy as np

from builder.runtime.chunking.tensorfile import WORDS, Entry, memory_order
from builder.runtime.failure import Refused
from builder.runtime.tensors import Array

DEEPEST = 64
PLAIN = (bool, int, str)
MAPPINGS: dict[str, type] = {"dict": dict, "OrderedDict": OrderedDict, "Counter": Counter}
HOLDS = "A checkpoint holds numbers, text, lists, tuples, dictionaries, arrays and tensors, and no pickle."


class Tensors:
    """The tensors of one checkpoint, by a name that says where each belongs."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    def keep(self, place: str, entry: Entry) -> str:
        """Takes in a tensor and returns the name that it got."""
        name, number = place, 1
        while name in self.entries:
            number += 1
            name = f"{place}#{number}"
        self.entries[name] = entry
        return name


def encode(value: object, place: str, tensors: Tensors, depth: int = 0) -> object:
    """Returns `value` as JSON; arrays and tensors go into `tensors`. `place` is what a person calls it.

    Raises:
        Refused: it holds something that cannot be written exactly.
    """
    if value is None or type(value) in PLAIN or (type(value) is float and math.isfinite(value)):
        return value
    if depth > DEEPEST:
        raise Refused(
            f"cannot have {place} in a checkpoint: it is nested too deeply, or in itself", advice=HOLDS
        )

    def inner(item: object, key: object) -> object:
        return encode(item, f"{place}.{key}", tensors, depth + 1)

    if type(value) is float:
        return {"type": "float", "bits": struct.pack(">d", value).hex()}
    if type(value) is list:
        return [inner(item, number) for number, item in enumerate(value)]
    if type(value) is tuple:
        return {"type": "tuple", "items": [inner(item, number) for number, item in enumerate(value)]}
    if type(value) is bytes:
        return {"type": "bytes", "hex": value.hex()}
    for word, kind in MAPPINGS.items():
        if type(value) is kind:
            pairs = [
                [inner(key, "a key"), inner(item, key)]
                for key, item in cast(Mapping[object, object], value).items()
            ]
            return {"type": word, "items": pairs}
    return _numbers(value, place, tensors)


def _numbers(value: object, place: str, tensors: Tensors) -> object:
    torch = sys.modules.get("torch")
    if isinstance(value, np.generic) or type(value) is np.ndarray:
        array, word = np.asarray(value), "scalar" if isinstance(value, np.generic) else "array"
        if array.dtype.name in WORDS and array.dtype.isnative and not array.dtype.names:
            order = memory_order(array.shape, array.strides) if not array.flags.c_contiguous else ()
            laid = np.ascontiguousarray(array.transpose(order) if order else array)
            entry = Entry(
                dtype=array.dtype.name,
                shape=_shape(array.shape, order),
                content=laid.reshape(-1).view(np.uint8).data,
            )
            return {
                "type": word,
                "name": tensors.keep(place, entry),
                **({"axes": list(order)} if order else {}),
            }
    elif torch is not None and type(value) in (torch.Tensor, torch.nn.Parameter):
        from builder.runtime.pytorch.state import entry_of  # noqa: PLC0415 (it imports torch)

        found = entry_of(value)
        if found is not None:
            entry, order, device = found
            said = {"axes": list(order)} if order else {}
            return {
                "type": "tensor",
                "name": tensors.keep(place, entry),
                **said,
                **({"device": device} if device else {}),
            }
    kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    of = f" of {value.dtype}" if hasattr(value, "dtype") else ""
    raise Refused(f"cannot have {place} in a checkpoint: it is a {kind}{of}", advice=HOLDS)


def _shape(shape: tuple[int, ...], order: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(shape[axis] for axis in order) if order else shape


def decode(value: object, entries: Mapping[str, Entry]) -> object:
    """Returns what `encode` was given.

    Raises:
        ValueError, KeyError, TypeError: it is no such JSON.
    """
    if isinstance(value, list):
        return [decode(item, entries) for item in value]
    if not isinstance(value, dict):
        return value
    kind = cast(str, value["type"])
    if kind in MAPPINGS:
        make = cast(Callable[[object], object], MAPPINGS[kind])
        return make({decode(key, entries): decode(item, entries) for key, item in value["items"]})
    if kind == "tuple":
        return tuple(decode(item, entries) for item in value["items"])
    if kind == "bytes":
        return bytes.fromhex(value["hex"])
    if kind == "float":
        return cast(float, struct.unpack(">d", bytes.fromhex(value["bits"]))[0])
    entry, order = entries[value["name"]], tuple(int(axis) for axis in value.get("axes", ()))
    if kind == "tensor":
        from builder.runtime.pytorch.state import tensor_of  # noqa: PLC0415 (it imports torch)

        return tensor_of(entry, order, value.get("device"))
    array: Array = np.array(entry.content, np.uint8).view(entry.dtype).reshape(entry.shape)
    array = array.transpose(np.argsort(order)) if order else array
    if kind == "scalar":
        return array[()]
    if kind != "array":
        raise ValueError(f"{kind!r} is no type")
    return array


def first_difference(a: object, b: object, one: Tensors, other: Tensors, place: str) -> str | None:
    """Returns where two encoded values differ, tensors by their bytes; None if they are the same."""
    if type(a) is not type(b):
        return place
    if isinstance(a, dict) and isinstance(b, dict):
        if a.keys() != b.keys():
            return place
        if a.get("type") in ("array", "scalar", "tensor"):
            return None if _same_tensor(a, b, one, other) else str(a["name"])
        below = (first_difference(a[key], b[key], one, other, place) for key in a)
        return next((found for found in below if found is not None), None)
    if isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            return place
        below = (first_difference(x, y, one, other, place) for x, y in zip(a, b, strict=True))
        return next((found for found in below if found is not None), None)
    return None if a == b and repr(a) == repr(b) else place


def _same_tensor(a: dict[str, object], b: dict[str, object], one: Tensors, other: Tensors) -> bool:
    first, second = one.entries[str(a["name"])], other.entries[str(b["name"])]
    same = (first.dtype, first.shape, a.get("axes"), a.get("device")) == (
        second.dtype,
        second.shape,
        b.get("axes"),
        b.get("device"),
    )
    return same and np.array_equal(np.asarray(first.content), np.asarray(second.content))
