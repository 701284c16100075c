"""Digests of tensors and of whatever a batch is made of: equal content gives equal digests on every machine.

Nothing here raises: where the elements of something cannot be had, such as those of a tensor that is only traced
by torch.fx, its class, shape and dtype count.
"""

import hashlib
import sys
from collections.abc import Mapping
from typing import Protocol

import numpy as np

DEEPEST = 12
UNREADABLE = (RuntimeError, TypeError, ValueError, NotImplementedError, AttributeError)


class Tensor(Protocol):
    """What a digest is taken of: a numpy array, or a tensor of torch's."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""

    @property
    def dtype(self) -> object:
        """The type of the elements."""


class Hash(Protocol):
    """What takes in bytes."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Takes in more."""


def describe(tensor: Tensor) -> dict[str, object]:
    """Returns dtype, shape and the sha256 (64 hex digits) of the elements' bytes in C order.

    The sha256 is None where the elements cannot be had.
    """
    content = content_of(tensor)
    sha256 = None if content is None else hashlib.sha256(content).hexdigest()
    return {"dtype": _dtype(tensor), "shape": list(tensor.shape), "sha256": sha256}


def digest_of(value: object) -> str:
    """Returns a digest (32 hex digits) of tensors, numbers and texts, in whatever they are packed."""
    total = hashlib.sha256()
    _add(total, value, 0)
    return total.hexdigest()[:32]


def _add(total: Hash, value: object, depth: int) -> None:
    if depth > DEEPEST:
        total.update(b"deeper")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            total.update(repr(key).encode())
            _add(total, item, depth + 1)
    elif isinstance(value, (list, tuple)):
        total.update(f"{len(value)}[".encode())
        for item in value:
            _add(total, item, depth + 1)
    elif hasattr(value, "dtype") and hasattr(value, "shape"):
        _add_tensor(total, value, depth)
    elif value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        total.update(repr(value).encode())
    else:  # its repr may hold an address
        total.update(type(value).__qualname__.encode())
        _add(total, getattr(value, "__dict__", None), depth + 1)


def _add_tensor(total: Hash, tensor: Tensor, depth: int) -> None:
    total.update(f"{_dtype(tensor)}{list(tensor.shape)}".encode())
    content = content_of(tensor)
    if content is not None:
        total.update(content)
    elif isinstance(tensor, np.ndarray):
        _add(total, tensor.tolist(), depth + 1)  # of Python objects
    elif getattr(tensor, "is_sparse", False):
        packed = tensor.detach().coalesce()  # type: ignore[attr-defined]
        _add(total, (packed.indices(), packed.values()), depth + 1)


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def content_of(tensor: Tensor) -> memoryview | None:
    """Returns the bytes of a tensor's elements in C order; None where they cannot be had."""
    if isinstance(tensor, (np.ndarray, np.generic)):
        array = np.ascontiguousarray(tensor)
        return None if array.dtype.hasobject else array.reshape(-1).view(np.uint8).data
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(tensor, torch.Tensor) or tensor.layout != torch.strided:
        return None
    try:
        plain = tensor.detach().as_subclass(torch.Tensor).resolve_conj().resolve_neg().cpu()
        # As bytes, since numpy has no bfloat16.
        content: memoryview = plain.contiguous().reshape(-1).view(torch.uint8).numpy().data
    except UNREADABLE:
        return None
    return content
