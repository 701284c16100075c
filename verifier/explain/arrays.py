"""Two npy files: dtype, shape and elements. An array of Python objects is a pickle, and is never loaded."""

import math
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from verifier.compare import Pair
from verifier.explain.bounded import Bounded
from verifier.explain.elements import DType, Kind, Run
from verifier.explain.findings import Context, Fact, Finding, OtherKind, found
from verifier.explain.tensors import explain_elements

MANTISSAS = {2: 10, 4: 23, 8: 52}
READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
BROKEN = (
    ValueError,
    TypeError,
    KeyError,
    SyntaxError,
    OverflowError,
    MemoryError,
    RecursionError,
    tokenize.TokenError,
)


@dataclass(frozen=True, kw_only=True)
class Array:
    """One array as its file's header has it."""

    kind: Kind
    shape: tuple[int, ...]
    columns_first: bool
    run: Run


def explain_npy(pair: Pair, _context: Context) -> Iterator[Finding]:
    """Yields how two arrays differ.

    Raises:
        OtherKind: one of the two is no npy file, lies about its size, or holds Python objects.
    """
    a, b = read_array(pair.first), read_array(pair.second)
    if (a.kind, a.shape) != (b.kind, b.shape):
        described = [f"{array.kind.name} {list(array.shape)}" for array in (a, b)]
        yield found(pair, "", f"{described[0]} in the first, {described[1]} in the second", Fact.VALUES)
    elif a.columns_first != b.columns_first:
        orders = ["Fortran" if array.columns_first else "C" for array in (a, b)]
        sentence = f"stored in {orders[0]} order in the first, in {orders[1]} order in the second"
        yield found(pair, "", sentence, Fact.LAYOUT)
    else:
        yield from explain_elements(pair, "", (a.run, b.run), a.kind, a.shape, columns_first=a.columns_first)


def read_array(path: Path) -> Array:
    """Reads and checks the header of an npy file.

    Raises:
        OtherKind: it is none, lies about its size, or holds Python objects.
    """
    with Bounded(path) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of headers that Python 2 wrote
        try:
            version = np.lib.format.read_magic(file)
            if version not in READERS:
                raise ValueError(f"version {version[0]}.{version[1]} of the format is not read")
            shape, columns_first, dtype = READERS[version](file)
        except BROKEN as error:
            raise OtherKind(f"not read as npy: {error}".splitlines()[0]) from error
        offset = file.tell()
    if dtype.hasobject:
        raise OtherKind("it holds Python objects, which are never loaded")
    if not all(type(length) is int and length >= 0 for length in shape):
        raise OtherKind("the shape has something that is no natural number")
    count = math.prod(shape)
    if offset + count * dtype.itemsize != path.stat().st_size:
        raise OtherKind("the file has another size than its header gives")
    return Array(
        kind=_kind(dtype),
        shape=shape,
        columns_first=columns_first,
        run=Run(path=path, offset=offset, count=count if dtype.itemsize else 0),
    )


def _kind(dtype: DType) -> Kind:
    if dtype.kind == "f" and dtype.itemsize in MANTISSAS:
        return Kind(name=dtype.str, stored=dtype, mantissa=MANTISSAS[dtype.itemsize])
    if dtype.kind in "iub" and dtype.subdtype is None:
        return Kind(name=dtype.str, stored=np.dtype("u1") if dtype.kind == "b" else dtype)
    size = max(1, dtype.itemsize)
    return Kind(name=str(dtype)[:60], stored=np.dtype((np.void, size)), opaque=True)
